"""What could not be done, as one result among others: so those that were seen before stay seen."""

from __future__ import annotations

from moothall.failures import Inconclusive, OperationError
from moothall.model.outcome import COULD_NOT_RUN, CheckResult


def not_done(check_id: str, subject: str, reason: Inconclusive | OperationError) -> CheckResult:
    """Return the result of what could not be done: why, what was left, and the command that leads further."""
    if isinstance(reason, Inconclusive):
        return CheckResult(check_id, subject, COULD_NOT_RUN, str(reason))
    detail = " ".join(sentence for sentence in (f"{reason.message.rstrip('.')}.", reason.state) if sentence)
    return CheckResult(check_id, subject, COULD_NOT_RUN, detail, hint=reason.hint)
