"""review-overdue: the day by which an agreement was to be reviewed has passed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import warning
from moothall.language.checks.scope import Scope
from moothall.language.facts.tenancies import services
from moothall.model.written import Definitions, Partnership
from moothall.source import Span

RULE = "review-overdue"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every review of a partnership or of a data sharing agreement that is overdue."""
    for folder in definitions.folders:
        for what, review, span in _reviews(folder.partnership, definitions.as_of):
            if review < definitions.as_of:
                summary = f"the review of {what} was due by {review}"
                yield warning(RULE, summary, "Review it, and write the day of the next review.", span)


def _reviews(partnership: Partnership, as_of: date) -> Iterator[tuple[str, date, Span]]:
    """Yield what is to be reviewed by when; an agreement that is over needs no review.

    A review before the agreement was made is for dates-out-of-order to say.
    """
    review, is_over = partnership.review, partnership.ends and partnership.ends <= as_of
    if review and review >= partnership.agreed and not is_over:
        yield "the agreement", review, partnership.origin.value("spec", "review")
    for service in services(partnership).values():
        sharing = service.data_sharing
        if sharing:
            yield f"the data sharing agreement of {service.name}", sharing.review, sharing.origin.value("review")
