"""Plain ANSI colour, and text made safe for a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TextIO

from moothall.model.characters import UNSEEN

_CODES = {"bold": "1", "red": "1;31", "green": "32", "yellow": "33", "blue": "34", "faint": "2"}
_COLOURS = frozenset(f"\x1b[{code}m" for code in ("0", *_CODES.values()))
_COLOUR = r"(\x1b\[[0-9;]*m)"


# The character without which a line is no command of GitHub Actions (`::` where it begins, `##[` anywhere:
# ActionCommand.cs of https://github.com/actions/runner) or of Azure Pipelines (`##vso[`).
_ORDER = r"^(\s*):(?=:.*::)|#(?=#(?:vso)?\[)"


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Say whether to colour: on a terminal only, and never with NO_COLOR (https://no-color.org)."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


class Style:
    """Paints text, or leaves it as it is."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def paint(self, text: str, name: str) -> str:
        """Return the text in the named colour: bold, red, green, yellow, blue or faint."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self._colour else text


def drawn(text: str) -> str:
    """Return a whole answer with every character replaced that a terminal might obey or nobody sees; its line ends and
    our own colours stay. Each word in it should have been made safe, which keeps it in its line; this forgets none."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(part if part in _COLOURS else _drawn(part) for part in re.split(_COLOUR, text))


def _drawn(text: str) -> str:
    text = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
    return re.sub(f"[{UNSEEN}]", "\ufffd", text)


def safe_lines(text: str) -> list[str]:
    """Return the lines of a text that are not empty, each made safe for a terminal; one at least."""
    return [safe(line.rstrip()) for line in text.splitlines() if line.strip()] or [""]


def safe(text: str) -> str:
    """Return the text with every character replaced, one for one, that a terminal might obey, or that nobody sees.

    A log of a pipeline is read by its runner, too: a command to that is none any more.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in text)
    if not text.isascii():
        text = re.sub(f"[{UNSEEN}]", "\ufffd", text)
    if "::" in text or "##" in text:
        text = re.sub(_ORDER, "\\1\ufffd", text)
    return text
