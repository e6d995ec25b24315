"""policy-too-wide: the policy lets every change destroy data, or so much that it stops nothing.

A permission that stands is one that nobody thinks of. It is meant to be given for one change and taken back.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import warning
from moothall.language.checks.scope import Scope
from moothall.model.written import Definitions

RULE = "policy-too-wide"
SCOPE = Scope.PARTNERSHIP
_MOST = 100
"""Objects of about ten tenants; a change that destroys more is seldom meant."""


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every standing permission to lose data or to destroy a great many objects."""
    for folder in definitions.folders:
        policy = folder.partnership.policy
        if policy and policy.data_loss:
            summary = f"every change may destroy the data of {', '.join(policy.data_loss)}"
            detail = "Remove it when the change that needs it is made, or waive this until then."
            yield warning(RULE, summary, detail, policy.origin.value("data-loss"))
        if policy and policy.destroy_at_most is not None and policy.destroy_at_most > _MOST:
            summary = f"every change may destroy {policy.destroy_at_most} objects"
            detail = f"Write {_MOST} at most, or waive this until the change that needs more is made."
            yield warning(RULE, summary, detail, policy.origin.value("destroy-at-most"))
