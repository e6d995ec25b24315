"""leaving-without-notice: a council leaves sooner after giving notice than the exit terms allow, or gives none."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.model.days import day_after, day_before
from moothall.model.units import seconds
from moothall.model.written import Council, Definitions, Exit
from moothall.source import Origin

RULE = "leaving-without-notice"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every council that leaves without the notice of its partnership's exit terms."""
    for folder in definitions.folders:
        terms = folder.partnership.exit
        for council in folder.councils if terms else ():
            if terms and council.leaves:
                yield from _check(council, terms, folder.partnership.origin)


def _check(council: Council, terms: Exit, partnership: Origin) -> Iterator[Diagnostic]:
    assert council.leaves
    name, notice_day = council.metadata.name, council.notice_given
    notice = Label(partnership.value("spec", "exit", "notice"), "the notice that is due")
    latest_notice = day_before(council.leaves, seconds(terms.notice))
    if notice_day is None:
        detail = f"Add notice-given, the day on which it gave notice: {latest_notice} or before."
        yield error(RULE, f"{name} leaves without notice", detail, council.origin.value("spec", "leaves"), notice)
    elif latest_notice < notice_day <= council.leaves:  # notice after leaving is for dates-out-of-order to say
        earliest_leave = day_after(notice_day, seconds(terms.notice))
        detail = f"Notice given on {notice_day} lets it leave on {earliest_leave} or after."
        span = council.origin.value("spec", "leaves")
        notice_label = Label(council.origin.value("spec", "notice-given"), "notice is given here")
        yield error(
            RULE, f"{name} leaves before its notice of {terms.notice} is over", detail, span, notice_label, notice
        )
