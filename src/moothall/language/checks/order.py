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


def order_finding(summary: str, day: date, span: Span, other: Day) -> Diagnostic:
    """Return the finding that `day`, written at `span`, is on the wrong side of another."""
    order = f"{day} comes {'before' if day < other.day else 'after'} {other.day}"
    detail = f"{order if day != other.day else f'Both are {day}'}: mend one of the two."
    return error(RULE, summary, detail, span, other.label())


def check_period(dated_item: Dated, begins: Day | None, what: str) -> Iterator[Diagnostic]:
    """Yield a finding if `dated_item` ends before it begins, on its own first day or else on `begins`."""
    if dated_item.until is None:
        return
    if dated_item.start:
        begins = Day(dated_item.start, dated_item.origin, ("from",), "begins here")
    if begins and dated_item.until <= begins.day:
        yield order_finding(f"{what} ends before it begins", dated_item.until, dated_item.origin.value("until"), begins)


def check_within(dated_item: Dated, what: str, whole: str, first: Day | None, last: Day | None) -> Iterator[Diagnostic]:
    """Yield a finding if `dated_item` begins before the first day of the whole, or goes on after its last.

    A last day that is not after the first is ignored, because another finding reports it.
    """
    start, until = dated_item.start, dated_item.until
    if start and first and start < first.day:
        yield order_finding(f"{what} begins before {whole}", start, dated_item.origin.value("from"), first)
    if last is None or (first and last.day <= first.day):
        return
    if start and start >= last.day:
        yield order_finding(f"{what} begins after {whole}", start, dated_item.origin.value("from"), last)
    elif until and until > last.day:
        yield order_finding(f"{what} outlasts {whole}", until, dated_item.origin.value("until"), last)
