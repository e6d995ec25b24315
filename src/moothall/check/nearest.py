"""The name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

_MOST = 12
"""Names that are listed when none is near; more would hide the finding."""


def nearest(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """Return `Did you mean "..."?` for the most similar of `names`, else the few there are and `otherwise`."""
    from difflib import get_close_matches  # costs as much as a file: only when there is something to say

    known = sorted(names)
    close = get_close_matches(name, known, n=1)
    if close:
        return f'Did you mean "{close[0]}"?'
    listed = f"Known: {', '.join(known)}." if 0 < len(known) <= _MOST else ""
    return f"{listed} {otherwise}".strip()
