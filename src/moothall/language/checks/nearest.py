"""The known name that is most similar to a misspelt one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from moothall.diagnostics import Diagnostic
from moothall.model import did_you_mean

_MOST = 12
"""Names that are listed when none is near; more would hide the finding."""

_SHORTEST = 4
"""Letters of a word in which one slip can be told from another word: `erp` is no slip for `crp`, nor `-a` for `-b`."""


def with_suggestion(finding: Diagnostic) -> Diagnostic:
    """Return a finding for display, with the most similar name of its hint in its detail."""
    if finding.hint is None:
        return finding
    name, names, before, otherwise = finding.hint
    return finding._replace(detail=f"{before} {nearest(name, names, otherwise)}".strip(), hint=None)


def nearest(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """Return `Did you mean "..."?` for the most similar of `names`, else the few there are and `otherwise`."""
    known_names = sorted(names)
    if nearest_name := did_you_mean.nearest(name, known_names):
        return f'Did you mean "{nearest_name}"?'
    name_list = f"Known: {', '.join(known_names)}." if 0 < len(known_names) <= _MOST else ""
    return f"{name_list} {otherwise}".strip()


def certain_match(name: str, names: Iterable[str]) -> str | None:
    """Return the only one of `names` of which `name` is a misspelling, or None.

    That is the same word but for capitals and `_`, or else the only one from which a single letter was dropped,
    added, changed or swapped with the next. A digit is no slip, site-2 is not site-1; nor is a letter of a short
    word behind a hyphen, for site-b is not site-a.
    """
    known_names = sorted(names)
    same_names = [candidate for candidate in known_names if normalise(candidate) == normalise(name)]
    if same_names:
        return same_names[0] if len(same_names) == 1 else None
    near_names = [
        candidate
        for candidate in known_names
        if min(len(candidate), len(name)) >= _SHORTEST and _one_slip(candidate, name)
    ]
    return near_names[0] if len(near_names) == 1 else None


class NameIndex:
    """An index of names for repeated lookups, by each name without one of its letters."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names: dict[str, set[str]] = {}
        self._all = frozenset(names)
        for name in self._all:
            for rest in _shortened_names(name):
                self._names.setdefault(rest, set()).add(name)

    def certain_match(self, name: str, excluded_names: Collection[str] = ()) -> str | None:
        """Do what `certain_match` does for names of the right shape, without the `excluded_names`."""
        return certain_match(name, (candidate for candidate in self._near(name) if candidate not in excluded_names))

    def __contains__(self, name: str) -> bool:
        return name in self._all

    def has_near(self, name: str) -> bool:
        """Say whether one slip lies between a name and another one."""
        return any(other != name and _one_slip(other, name) for other in self._near(name))

    def _near(self, name: str) -> set[str]:
        return {other for rest in _shortened_names(name) for other in self._names.get(rest, ())}


def normalise(name: str) -> str:
    """Return a name as it would be without capitals and `_`."""
    return name.lower().replace("_", "-")


def is_serial(name: str) -> bool:
    """Say whether a name looks like one of a series, of which the next is one slip away: site-2, payroll-a."""
    return any(letter.isdigit() for letter in name) or any(len(word) == 1 for word in name.split("-"))


def _shortened_names(name: str) -> Iterator[str]:
    """Yield the name, and the name without each of its letters; of two that one slip parts, one is common."""
    yield name
    for index in range(len(name)):
        yield name[:index] + name[index + 1 :]


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
    is_swapped = len(first) == 2 and first == second[::-1]
    return is_swapped or max(len(first), len(second)) == 1


def _word(name: str, start: int, end: int) -> str:
    """Return the word between hyphens in which lies what stands between `start` and the last `end` letters."""
    first = name.rfind("-", 0, start) + 1
    last = name.find("-", len(name) - end)
    return name[first : last if last >= 0 else len(name)]
