"""What changes in the terms: agreed between people, read by rules and by people, and part of no stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from moothall.model.written import Folder
from moothall.review.approvals import agreeing_parties
from moothall.review.causes import Causes, is_term
from moothall.review.comparison import Comparison
from moothall.review.lines import Line
from moothall.review.turns import Turn, turns


class Term(NamedTuple):
    """A changed line that concerns no stack, and the parties that have to agree to it."""

    line: Line
    agreement: tuple[str, ...]


def terms(comparisons: Sequence[Comparison], lines: Iterable[Line], folders: Sequence[Folder]) -> Iterator[Term]:
    """Yield the changed terms, and every other line that neither stands behind a stack nor behind what is planned.

    `folders` are the partnerships as they are written on both sides; councils that did not change may be left out.
    """
    lines = tuple(lines)
    stack_lines = set(_lines_of_stacks(comparisons, [line for line in lines if not is_term(line)]))
    for line in lines:
        if line not in stack_lines:
            yield Term(line, tuple(sorted({party for folder in folders for party in agreeing_parties(folder, line)})))


def _lines_of_stacks(comparisons: Iterable[Comparison], lines: Sequence[Line]) -> Iterator[Line]:
    for comparison in comparisons:
        causes = Causes(comparison, lines)
        for review in comparison.stacks:
            yield from causes.of(review)
        for turn in turns(comparison.base, comparison.head):
            yield from (line for line in lines if _turns(turn, comparison.partnership, line))


def _turns(turn: Turn, partnership: str, line: Line) -> bool:
    """Say whether a line is about what becomes planned, falls due or is dropped."""
    council, instance, _, site = turn.subject
    if council:
        in_own_file = line.path == f"partnerships/{partnership}/councils/{council}.yaml"
        return in_own_file and line.route[:3] in ((), ("spec", "uses", instance))
    if line.path != f"partnerships/{partnership}/partnership.yaml":
        return False
    return line.route[:3] == (("spec", "instances", instance) if instance else ("spec", "sites", site))
