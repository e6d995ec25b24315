"""What psql prints of a tenant's database, line by line, taken apart.

The database is the tenant's own: types, names and values in it are whatever somebody there has made of them. A line
that is not exactly as it was asked for is refused, and nothing of it is used.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moothall.failures import Inconclusive

LONGEST = 1 << 30
"""The bytes of a line beyond which it is refused: PostgreSQL has no value of more than 1 GiB (limits, appendix K)."""
_SHOWN = 120


class Lines:
    """Lines of a stream that comes in pieces, each handed on when it is whole."""

    def __init__(self, heard: Callable[[str], None]) -> None:
        """Take who is handed each line, without its end."""
        self._heard = heard
        self._pieces: list[bytes] = []
        self._size = 0
        self.last = ""

    def add(self, piece: bytes) -> None:
        """Take the next piece; a long line is put together once, at its end. Raises `Inconclusive` beyond `LONGEST`."""
        first, *rest = piece.split(b"\n")
        self._keep(first)
        for following in rest:
            self.last = b"".join(self._pieces).decode(errors="replace")
            self._pieces, self._size = [], 0
            self._keep(following)
            self._heard(self.last)

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > LONGEST:
            raise Inconclusive(f"the database answers with a line of more than {LONGEST} bytes")
        self._pieces.append(piece)


def members(text: str, /, **wanted: tuple[type, ...]) -> dict[str, Any]:
    """Return the JSON object in a text; raises `Inconclusive` unless it has these members alone, each of its types.

    A boolean is no whole number, and text that no file can hold (a lone surrogate) is none.
    """
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.keys() != wanted.keys():
        raise unlike(text)
    for name, kinds in wanted.items():
        if type(found[name]) not in kinds:
            raise unlike(text)
    return found


def unlike(text: str) -> Inconclusive:
    """Return the reason to refuse what no tenant of Tryton has."""
    return Inconclusive(f"the database answers as none of Tryton does, with {text[:_SHOWN]!r}")
