"""dates-out-of-order: something ends before it begins, or outlasts what it is part of.

A council joins an agreement that has been made, uses an instance once it has joined, and a module within
the time in which it uses the instance. Equal days are in order, except that an end must come after its
beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from moothall.check import known
from moothall.check.finding import error
from moothall.diagnostics import Diagnostic, Label
from moothall.model.written import Council, Definitions, Folder, ModuleUse, Use
from moothall.source import Span

RULE = "dates-out-of-order"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every date that is on the wrong side of another."""
    for folder, council in known.all_councils(definitions):
        yield from _membership(folder, council)
        for use in council.uses.values():
            yield from _use(council, use)


def _membership(folder: Folder, council: Council) -> Iterator[Diagnostic]:
    agreed, joined = folder.partnership.agreed, council.joined
    if joined < agreed:
        other = Label(folder.partnership.origin.value("spec", "agreed"), "agreed here")
        span = council.origin.value("spec", "joined")
        yield _finding(f"{council.metadata.name} joins before the partnership is agreed", joined, agreed, span, other)


def _use(council: Council, use: Use) -> Iterator[Diagnostic]:
    joined = Label(council.origin.value("spec", "joined"), "joins here")
    if use.start and use.start < council.joined:
        summary = f"{use.instance} is used before the council joins"
        yield _finding(summary, use.start, council.joined, use.origin.value("from"), joined)
    yield from _period(use, use.start or council.joined, f"the use of {use.instance}")
    for module in use.modules.values():
        yield from _module(council, use, module)


def _module(council: Council, use: Use, module: ModuleUse) -> Iterator[Diagnostic]:
    begins = use.start or council.joined
    yield from _period(module, module.start or begins, f"the use of {module.module}")
    if use.planned:
        yield from _dated_in_planned(use, module)
        return
    if module.start and module.start < begins:
        span = use.origin.value("from") if use.start else council.origin.value("spec", "joined")
        summary = f"{module.module} begins before the use of {use.instance}"
        yield _finding(summary, module.start, begins, module.origin.value("from"), Label(span, "begins here"))
    if use.until is None or use.until <= begins:
        return  # without an end nothing is after it; with a wrong one, that has been said
    end = Label(use.origin.value("until"), "ends here")
    if module.start and module.start >= use.until:
        summary = f"{module.module} begins after the use of {use.instance}"
        yield _finding(summary, module.start, use.until, module.origin.value("from"), end)
    elif module.until and module.until > use.until:
        summary = f"{module.module} outlasts the use of {use.instance}"
        yield _finding(summary, module.until, use.until, module.origin.value("until"), end)


def _period(dated: Use | ModuleUse, begins: date, what: str) -> Iterator[Diagnostic]:
    if dated.until and dated.until <= begins:
        related = [Label(dated.origin.value("from"), "begins here")] if dated.start else []
        yield _finding(f"{what} ends before it begins", dated.until, begins, dated.origin.value("until"), *related)


def _dated_in_planned(use: Use, module: ModuleUse) -> Iterator[Diagnostic]:
    for key in ("from", "until"):
        if module.start if key == "from" else module.until:
            summary = f"{module.module} has a date, but {use.instance} is only planned"
            detail = "Remove the date, or give the instance one."
            related = Label(use.origin.key("planned"), "planned here")
            yield error(RULE, summary, detail, module.origin.key(key), related)


def _finding(summary: str, day: date, other: date, span: Span, *related: Label) -> Diagnostic:
    order = f"{day} comes {'before' if day < other else 'after'} {other}" if day != other else f"Both are {day}"
    return error(RULE, summary, f"{order}: mend one of the two.", span, *related)
