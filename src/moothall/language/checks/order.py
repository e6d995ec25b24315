"""Days in their order: what ends must have begun, and a part lies within the whole it is part of.

Equal days are in order, except that an end, which is the first day on which something is over, must come after its
beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.model.written import Mirror, ModuleUse, Site, Use
from moothall.source import Origin, Route, Span

RULE = "dates-out-of-order"

Dated = Site | Mirror | Use | ModuleUse


class Day(NamedTuple):
    """A day, where it is written, and a few words on what happens on it."""

    day: date
    origin: Origin
    route: Route
    text: str

    def label(self) -> Label:
        """Return the place of the day as one that is related to a finding."""
        return Label(self.origin.value(*self.route), self.text)


def out_of_order(summary: str, day: date, span: Span, other: Day) -> Diagnostic:
    """Return the finding that `day`, written at `span`, is on the wrong side of another."""
    order = f"{day} comes {'before' if day < other.day else 'after'} {other.day}"
    detail = f"{order if day != other.day else f'Both are {day}'}: mend one of the two."
    return error(RULE, summary, detail, span, other.label())


def period(dated: Dated, begins: Day | None, what: str) -> Iterator[Diagnostic]:
    """Yield a finding if `dated` ends before it begins, on its own first day or else on `begins`."""
    if dated.until is None:
        return
    if dated.start:
        begins = Day(dated.start, dated.origin, ("from",), "begins here")
    if begins and dated.until <= begins.day:
        yield out_of_order(f"{what} ends before it begins", dated.until, dated.origin.value("until"), begins)


def within(dated: Dated, what: str, whole: str, first: Day | None, last: Day | None) -> Iterator[Diagnostic]:
    """Yield a finding if `dated` begins before the first day of the whole, or goes on after its last.

    A last day that is not after the first is passed over: that has been said.
    """
    start, until = dated.start, dated.until
    if start and first and start < first.day:
        yield out_of_order(f"{what} begins before {whole}", start, dated.origin.value("from"), first)
    if last is None or (first and last.day <= first.day):
        return
    if start and start >= last.day:
        yield out_of_order(f"{what} begins after {whole}", start, dated.origin.value("from"), last)
    elif until and until > last.day:
        yield out_of_order(f"{what} outlasts {whole}", until, dated.origin.value("until"), last)
