"""The name that was probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from moothall.diagnostics import Diagnostic
from moothall.model import did_you_mean

_MOST = 12
"""Names that are listed when none is near; more would hide the finding."""

_SHORTEST = 4
"""Letters of a word in which one slip can be told from another word: `erp` is no slip for `crp`, nor `-a` for `-b`."""


def told(finding: Diagnostic) -> Diagnostic:
    """Return a finding that is going to be shown, with the name that was probably meant in its detail."""
    if finding.hint is None:
        return finding
    name, names, before, otherwise = finding.hint
    return finding._replace(detail=f"{before} {nearest(name, names, otherwise)}".strip(), hint=None)


def nearest(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """Return `Did you mean "..."?` for the most similar of `names`, else the few there are and `otherwise`."""
    known = sorted(names)
    if close := did_you_mean.nearest(name, known):
        return f'Did you mean "{close}"?'
    listed = f"Known: {', '.join(known)}." if 0 < len(known) <= _MOST else ""
    return f"{listed} {otherwise}".strip()


def certain(name: str, names: Iterable[str]) -> str | None:
    """Return the only one of `names` that can have been meant, or None.

    That is the same word but for capitals and `_`, or else the only one from which a single letter was dropped,
    added, changed or swapped with the next. A digit is no slip, site-2 is not site-1; nor is a letter of a short
    word behind a hyphen, for site-b is not site-a.
    """
    known = sorted(names)
    same = [other for other in known if plain(other) == plain(name)]
    if same:
        return same[0] if len(same) == 1 else None
    near = [other for other in known if min(len(other), len(name)) >= _SHORTEST and _one_slip(other, name)]
    return near[0] if len(near) == 1 else None


class Near:
    """Many names to look among again and again, by what is left of each without one of its letters."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names: dict[str, set[str]] = {}
        self._all = frozenset(names)
        for name in self._all:
            for rest in _rests(name):
                self._names.setdefault(rest, set()).add(name)

    def certain(self, name: str, taken: Collection[str] = ()) -> str | None:
        """Do what `certain` does for names of the right shape, without those that are `taken`."""
        return certain(name, (other for other in self._near(name) if other not in taken))

    def __contains__(self, name: str) -> bool:
        return name in self._all

    def has_near(self, name: str) -> bool:
        """Say whether one slip lies between a name and another one."""
        return any(other != name and _one_slip(other, name) for other in self._near(name))

    def _near(self, name: str) -> set[str]:
        return {other for rest in _rests(name) for other in self._names.get(rest, ())}


def plain(name: str) -> str:
    """Return a name as it would be without capitals and `_`."""
    return name.lower().replace("_", "-")


def serial(name: str) -> bool:
    """Say whether a name looks like one of a series, of which the next is one slip away: site-2, payroll-a."""
    return any(letter.isdigit() for letter in name) or any(len(word) == 1 for word in name.split("-"))


def _rests(name: str) -> Iterator[str]:
    """Yield the name, and the name without each of its letters; of two that one slip parts, one is common."""
    yield name
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]


def _one_slip(one: str, other: str) -> bool:
    """Say whether a single slip of letters lies between two words."""
    start = 0
    while one[start : start + 1] == other[start : start + 1] != "":
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    first, second = one[start : len(one) - end], other[start : len(other) - end]
    if any(letter.isdigit() for letter in first + second):
        return False
    if max(len(_word(one, start, end)), len(_word(other, start, end))) < _SHORTEST:
        return False
    swapped = len(first) == 2 and first == second[::-1]
    return swapped or max(len(first), len(second)) == 1


def _word(name: str, start: int, end: int) -> str:
    """Return the word between hyphens in which lies what stands between `start` and the last `end` letters."""
    first = name.rfind("-", 0, start) + 1
    last = name.find("-", len(name) - end)
    return name[first : last if last >= 0 else len(name)]
