"""Each judge catches each string that is meant for it, where a renderer has put it in as it is."""

from __future__ import annotations

import json

import pytest
from tests.hostile.judges import JUDGES, judge
from tests.hostile.strings import STRINGS

from moothall.report.renderers import FORMATS

FRAMES = {
    "text": "Council: {}: and more\n{} first\n",
    "json": '{{"title": "{}"}}\n',
    "matrix": '{{"include": [{{"stack": "{}"}}]}}\n',
    "sarif": '{{"runs": [{{"results": [{{"message": {{"text": {}}}}}]}}]}}\n',
    "junit": '<testsuite name="x"><testcase name="{}"><failure>{}</failure></testcase></testsuite>\n',
    "github": "::error file={},line=1::{}\n",
    "markdown": "# Page\n\n{}\n\n- one: {}\n\n| a | b |\n|---|---|\n| {} | right |\n",
    "mermaid": 'flowchart LR\n  accTitle: {}\n  a["{}"]\n',
    "dot": 'digraph a {{\n  "a" [label="{}"];\n}}\n',
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><title id="{}">{}</title></svg>\n',
    "csv": '"name","{}"\n',
}
"""How each format looks that puts a string in without care."""
TERMINAL = (
    "colour, clear screen, window title, clipboard, terminal link, device control, C1 control sequence, "
    "C1 command, backspace, bell and delete, NUL, line feed, carriage return, CRLF, next line, "
    "form feed, line separator, paragraph separator, right to left, isolate, zero width, tag characters, "
    "soft hyphen, letters drawn as nothing, lone surrogate, no characters, unassigned, workflow command, "
    "indented workflow command, workflow command in a line, old workflow command, pipeline command"
)
CAUGHT = {
    "text": TERMINAL,
    "json": "NUL, line feed, attribute, JSON, DOT, Mermaid, of another system",
    "matrix": "line feed, attribute, JSON, DOT, quoted cell",
    "sarif": "link, placeholder, console markup, SARIF link",
    "junit": (
        "colour, NUL, lone surrogate, no characters, attribute, script, element with an event, "
        "end of a block, comment, end of CDATA, entities, declaration, angle link"
    ),
    "github": "line feed, workflow command in a line, workflow properties",
    "markdown": (
        "link, reference, image, angle link, bare link, mail, mention, issue, emphasis, fence, "
        "tilde fence, heading, heading in a line of its own, list, quote, cells, script, "
        "element with an event, end of a block, comment"
    ),
    "mermaid": "script, comment, code, Mermaid, Mermaid directive, Mermaid entity, DOT, issue",
    "dot": "DOT, end of a DOT text, line feed, Mermaid",
    "svg": (
        "colour, NUL, attribute, script, element with an event, end of a block, comment, end of CDATA, "
        "entities, declaration"
    ),
    "csv": "formula, plus, minus, at, tab before a formula, quoted cell",
}
"""By format the strings that harm there."""
TRIALS = [(form, name) for form, names in CAUGHT.items() for name in names.split(", ")]


def test_every_form_has_a_judge() -> None:
    """Who adds one adds a judge for it."""
    assert JUDGES.keys() == {*FORMATS, "csv"} == FRAMES.keys() == CAUGHT.keys()


@pytest.mark.parametrize("form", FRAMES)
def test_common_words_pass(form: str) -> None:
    """What nobody means any harm with is no complaint."""
    text = '"Durham: the county, 1 + 1"' if form == "sarif" else "Durham (the county) 1 + 1"

    assert judge(form, FRAMES[form].replace("{}", "\x00").format().replace("\x00", text)) == []


@pytest.mark.parametrize(("form", "name"), TRIALS)
def test_a_string_is_caught(form: str, name: str) -> None:
    """As it is, it is one."""
    text = json.dumps(STRINGS[name]) if form == "sarif" else STRINGS[name]
    raw = FRAMES[form].replace("{}", "\x00").format().replace("\x00", text)

    assert list(JUDGES[form](raw)) or form == "text", "the judge of this form says nothing"
    assert judge(form, raw) != []
