"""Text in Markdown (GFM, https://github.github.com/gfm/) and in HTML within it: names are names there, never markup.

Titles, names and words of findings are whatever somebody has written. Every page and comment puts them in by one of
these two.
"""

from __future__ import annotations

import re

from moothall.report.style import safe

# As entities all of it is text to a Markdown reader and to an HTML one, which does not know backslashes.
_ACTIVE = re.compile(
    r"[&<>|*\[\]~\\@`]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|#(?=[0-9])|(?<=\bGH)-(?=[0-9])|:(?=//)|(?<=www)\.",
    re.IGNORECASE,
)
_NO_WIDTH = "&#8203;"
"""After a sign by which code hosts look for people and issues in the text that readers see (a space without width)."""


def code(text: str) -> str:
    """Return text as code, in which nothing is markup and nobody is mentioned; but in a table `|` counts first."""
    return f"`{safe(text).replace('`', chr(39))}`"


def plain(text: str) -> str:
    """Return text in one line, with everything in it harmless that could be markup, a link, a mention or HTML."""
    return _ACTIVE.sub(lambda match: _entity(match[0]), safe(text).replace("`", "'"))


def _entity(sign: str) -> str:
    return f"&#{ord(sign)};" + (_NO_WIDTH if sign in "@#-" else "")
