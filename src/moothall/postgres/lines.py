"""What psql prints of a tenant's database, line by line, taken apart.

The database is the tenant's own: types, names and values in it are whatever somebody there has made of them. A line
that is not exactly as it was asked for is refused, and nothing of it is used.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moothall import json_text
from moothall.failures import Inconclusive

LONGEST = 1 << 30
"""The bytes of a line beyond which it is refused: PostgreSQL has no value of more than 1 GiB (limits, appendix K)."""
_SHOWN_CHARACTERS = 120


class Lines:
    """Lines of a stream that comes in pieces, each handed on when it is whole."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        """Take the function that is called with each line, without its end."""
        self._on_line = on_line
        self._pieces: list[bytes] = []
        self._size = 0
        self.last_line = ""

    def add(self, piece: bytes) -> None:
        """Take the next piece; a long line is put together once, at its end. Raises `Inconclusive` beyond `LONGEST`."""
        first, *rest = piece.split(b"\n")
        self._append(first)
        for line_start in rest:
            self.last_line = b"".join(self._pieces).decode(errors="replace")
            self._pieces, self._size = [], 0
            self._append(line_start)
            self._on_line(self.last_line)

    def _append(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > LONGEST:
            raise Inconclusive(f"the database answers with a line of more than {LONGEST} bytes")
        self._pieces.append(piece)


def members(text: str, /, **expected: tuple[type, ...]) -> dict[str, Any]:
    """Return the JSON object in a text; raises `Inconclusive` unless it has these members alone, each of its types.

    A boolean is no whole number, and text that no file can hold (a lone surrogate) is none.
    """
    try:
        value = json_text.parse(text)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or value.keys() != expected.keys():
        raise unexpected_answer(text)
    for name, kinds in expected.items():
        if type(value[name]) not in kinds:
            raise unexpected_answer(text)
    return value


def unexpected_answer(text: str) -> Inconclusive:
    """Return the error for an answer that no database of Tryton gives."""
    return Inconclusive(f"the database answers as none of Tryton does, with {text[:_SHOWN_CHARACTERS]!r}")
