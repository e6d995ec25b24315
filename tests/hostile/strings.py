"""Nasty strings: what somebody may write where words are expected, by what it is to do.

Each holds the word `evil` where it would act. "evil line", "evil cell" and "evil block" are what stands in a line, a
cell or a block of Markdown of its own if a string has made one.
"""

from __future__ import annotations

STRINGS = {
    # what a terminal obeys
    "colour": "good \x1b[31mevil",
    "clear screen": "good \x1b[2J\x1b[Hevil",
    "window title": "good \x1b]0;evil\x07",
    "clipboard": "good \x1b]52;c;ZXZpbA==\x07evil",
    "terminal link": "good \x1b]8;;https://evil.test\x1b\\evil\x1b]8;;\x1b\\",
    "device control": "good \x1bP$q evil\x1b\\",
    "C1 control sequence": "good \x9b31mevil",
    "C1 command": "good \x9d0;evil\x9c",
    "backspace": "good\b\b\b\bevil",
    "bell and delete": "good \x07\x7fevil",
    "NUL": "good\0evil",
    # lines of their own
    "line feed": "good\nevil line",
    "carriage return": "good\revil line",
    "CRLF": "good\r\nevil line",
    "next line": "good\x85evil line",
    "form feed": "good\x0b\x0cevil line",
    "line separator": "good\u2028evil line",
    "paragraph separator": "good\u2029evil line",
    # what nobody sees
    "right to left": "good \u202elive\u202c",
    "isolate": "good \u2066evil\u2069",
    "zero width": "good ev\u200bil\u200d\u2060\ufeff",
    "tag characters": "good evil\U000e0041\U000e007f",
    "soft hyphen": "good ev\u00adil",
    "letters drawn as nothing": "good \u3164evil\u115f\uffa0\u034f",
    # what is no text
    "lone surrogate": "good evil\ud800",
    "no characters": "good evil\ufffe\uffff",
    "unassigned": "good evil\U000e0fff\U0010ffff",
    # Markdown
    "link": "[evil](https://evil.test)",
    "reference": "[evil]: https://evil.test",
    "image": "![evil](https://evil.test/x.png)",
    "angle link": "<https://evil.test/>",
    "bare link": "good https://evil.test www.evil.test",
    "mail": "good evil@evil.test",
    "mention": "good @evil @evil/all",
    "issue": "good #1 GH-1 evil/evil#1",
    "emphasis": "**evil** __evil__ _evil_ *evil* ~~evil~~",
    "code": "good `evil` `` evil",
    "fence": "```evil block",
    "tilde fence": "~~~evil block",
    "heading": "# evil block",
    "heading in a line of its own": "good\n\n# evil block",
    "list": "- evil block",
    "quote": "> evil block",
    "cells": "good | evil cell |",
    "escaped": "good \\[evil\\](https://evil.test) \\| evil cell",
    # HTML, SVG and XML
    "script": "<script>evil()</script>",
    "element with an event": "<img src=x onerror=evil()>",
    "attribute": '"\' onload="evil()" evil=\'',
    "end of a block": "</details></title></text></svg><b>evil</b>",
    "comment": "<!-- evil",
    "end of CDATA": "]]><evil/>",
    "entities": "&lt;evil&gt; &#27;[31m &evil; &amp",
    "declaration": '<!DOCTYPE evil [<!ENTITY x SYSTEM "file:///evil">]><?evil x?>',
    # orders to whoever reads a log
    "workflow command": "::error::evil",
    "indented workflow command": "  ::add-mask::evil",
    "workflow command in a line": "good\n::stop-commands::evil",
    "workflow command of a detail": "good; ::error::evil",
    "old workflow command": "good ##[error]evil",
    "pipeline command": "good ##vso[task.setvariable variable=evil]evil",
    "workflow properties": "good,line=9,evil=1::evil",
    "escaped line end": "good%0A::error::evil",
    # cells of a spreadsheet
    "formula": "=HYPERLINK(evil)",
    "plus": "+evil",
    "minus": "-evil()",
    "at": "@evil()",
    "tab before a formula": "\t=evil()",
    "quoted cell": '","=evil()","',
    # other languages that are written or read
    "placeholder": "{0} {evil} {0.__class__} %s %(evil)s $evil ${evil}",
    "console markup": "[bold]evil[/bold] [/] [link=https://evil.test]evil[/link]",
    "SARIF link": "[evil](1) \\[evil](1)",
    "DOT": 'good"]; evil [URL="https://evil.test"]; "',
    "end of a DOT text": "good evil\\",
    "Mermaid": 'good"]; click evil "https://evil.test"',
    "Mermaid directive": "good %%{init: {'theme': 'evil'}}%%",
    "Mermaid entity": "good #quot;] evil #59;",
    "shell": "good'; $(evil) `evil` | evil & evil > evil",
    "YAML": "good: {evil: *evil, !!evil evil} # evil",
    "JSON": 'good", "evil": "\\u001b',
    # names that lead elsewhere
    "climbing": "../../../../evil",
    "absolute": "/etc/evil",
    "parent": "..",
    "climbing within": "evil/../../../evil",
    "of another system": "..\\..\\evil:evil",
    "an option": "--evil=evil",
    # much
    "long": "evil " * 4_000,
    "many marks": "e" + "\u0336" * 500 + "vil",
}

_TOGETHER = 6
_TEXTS = [text for text in STRINGS.values() if len(text) < 1000]
MIXED = ["evil ".join(_TEXTS[first : first + _TOGETHER]) for first in range(0, len(_TEXTS), _TOGETHER)]
"""A few at a time in one, for places where it does not matter which one begins."""
WORDS = [*(text.replace("\0", "").replace("\ud800", "") for text in MIXED), STRINGS["long"]]
"""The same, and the long one, without what no word of a command and no variable can hold."""
