"""The name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str:
    """Return `Did you mean "…"?` for the most similar of `names`, else the names there are, else nothing."""
    from difflib import get_close_matches  # costs as much as a file: only when there is something to say

    known = sorted(names)
    close = get_close_matches(name, known, n=1)
    if close:
        return f'Did you mean "{close[0]}"?'
    return f"There is {_listed(known)}." if 0 < len(known) <= _MOST else ""


_MOST = 12


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
