"""The name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

_MOST = 12
"""Names that are listed when none is near; more would hide the finding."""


_SHORTEST = 4
"""Letters of a word in which one slip can be told from another word: `erp` is no slip for `crp`."""


def nearest(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """Return `Did you mean "..."?` for the most similar of `names`, else the few there are and `otherwise`."""
    from difflib import get_close_matches  # costs as much as a file: only when there is something to say

    known = sorted(names)
    close = get_close_matches(name, known, n=1)
    if close:
        return f'Did you mean "{close[0]}"?'
    listed = f"Known: {', '.join(known)}." if 0 < len(known) <= _MOST else ""
    return f"{listed} {otherwise}".strip()


def certain(name: str, names: Iterable[str]) -> str | None:
    """Return the only one of `names` that can have been meant, or None.

    That is the same word but for capitals and `_`, or else the only one from which a single letter was dropped,
    added, changed or swapped with the next. A digit is no slip: site-2 is not site-1.
    """
    known = sorted(names)
    same = [other for other in known if _plain(other) == _plain(name)]
    if same:
        return same[0] if len(same) == 1 else None
    near = [other for other in known if min(len(other), len(name)) >= _SHORTEST and _one_slip(other, name)]
    return near[0] if len(near) == 1 else None


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _one_slip(one: str, other: str) -> bool:
    """Say whether a single slip of letters lies between two words."""
    start = 0
    while one[start : start + 1] == other[start : start + 1] != "":
        start += 1
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if any(letter.isdigit() for letter in one + other):
        return False
    swapped = len(one) == 2 and one == other[::-1]
    return swapped or max(len(one), len(other)) == 1
