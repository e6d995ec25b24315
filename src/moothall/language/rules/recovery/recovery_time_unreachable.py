"""recovery-time-unreachable: tenants are to be back sooner after a disaster than the mirror or the backups allow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.recovery import RECOVERY_TIME, Promise, mirror_of, promises
from moothall.model.units import seconds
from moothall.model.written import Definitions

RULE = "recovery-time-unreachable"
SCOPE = Scope.COUNCIL
_RESTORE_SECONDS = 3600
"""Nobody restores an instance from its backups at another site sooner than in an hour: our estimate, and a kind one."""


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every recovery time of tenants that nothing there can keep."""
    for promise in promises(definitions, RECOVERY_TIME):
        yield from _check(promise, definitions.as_of)


def _check(promise: Promise, as_of: date) -> Iterator[Diagnostic]:
    instance, mirror = promise.instance, mirror_of(promise.instance, as_of)
    expectation = f"{promise.whose} is to be back within {promise.text}"
    if mirror:
        if mirror.recovery_time and seconds(mirror.recovery_time) > promise.seconds:
            detail = "Promise the tenant no more than the mirror does."
            label = Label(mirror.origin.value("recovery-time"), "the mirror's")
            yield error(
                RULE, f"{expectation}, and the mirror takes {mirror.recovery_time}", detail, promise.span, label
            )
    elif instance.backup is None:
        detail = "Add a mirror or a backup target, or promise nothing."
        summary = f"{expectation}, and {instance.name} has no mirror and no backups"
        yield error(RULE, summary, detail, promise.span, Label(instance.origin.key(), "declared here"))
    elif promise.seconds < _RESTORE_SECONDS:
        detail = "Add a mirror, or promise 1h or more."
        label = Label(instance.backup.origin.key(), "the only copy")
        yield error(RULE, f"{expectation}, and a restore takes an hour at least", detail, promise.span, label)
