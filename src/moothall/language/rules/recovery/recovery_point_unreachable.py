"""recovery-point-unreachable: less work may be lost in a disaster than the mirror or the backups can save.

Without a mirror the interval of the backups counts. The log that is sent to the backup target in between is a help
and no promise.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.language.facts.recovery import RECOVERY_POINT, Promise, mirror_of, promises
from moothall.model.units import seconds
from moothall.model.written import Definitions, Mirror

RULE = "recovery-point-unreachable"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every recovery point, of a mirror or of tenants, that nothing there can keep."""
    for _, instance in symbols.all_instances(definitions):
        mirror = instance.mirror
        if mirror and mirror.recovery_point == "0s" and mirror.mode != "sync":
            summary = f"the mirror of {instance.name} is to lose nothing, and the primary does not wait for it"
            detail = "Write mode: sync, or how much may be lost."
            span = mirror.origin.value("recovery-point")
            related = [Label(mirror.origin.value("mode"), "async mirrors lag behind")] if mirror.mode else []
            yield error(RULE, summary, detail, span, *related)
    for promise in promises(definitions, RECOVERY_POINT):
        yield from _check(promise, definitions.as_of)


def _check(promise: Promise, as_of: date) -> Iterator[Diagnostic]:
    instance, mirror = promise.instance, mirror_of(promise.instance, as_of)
    backup = instance.backup
    if mirror:
        yield from _of_mirror(promise, mirror)
    elif backup and seconds(backup.every) > promise.seconds:
        summary = f"{_limit(promise)}, and backups are taken every {backup.every}"
        detail = "Add a mirror, take backups more often, or promise less."
        yield error(RULE, summary, detail, promise.span, Label(backup.origin.value("every"), "taken this often"))
    elif backup is None:
        summary = f"{_limit(promise)}, and {instance.name} has no mirror and no backups"
        detail = "Add a mirror or a backup target, or promise nothing."
        yield error(RULE, summary, detail, promise.span, Label(instance.origin.key(), "declared here"))


def _of_mirror(promise: Promise, mirror: Mirror) -> Iterator[Diagnostic]:
    if mirror.mode == "sync" or mirror.recovery_point == "0s":
        return  # a sync mirror loses nothing; an async one that is to lose nothing is wrong already
    if mirror.recovery_point and seconds(mirror.recovery_point) > promise.seconds:
        summary = f"{_limit(promise)}, and the mirror may lose {mirror.recovery_point}"
        detail = "Write mode: sync at the mirror, or promise the tenant no more than the mirror does."
        label = Label(mirror.origin.value("recovery-point"), "the mirror's")
        yield error(RULE, summary, detail, promise.span, label)
    elif promise.seconds == 0:
        summary = f"{_limit(promise)}, and the primary does not wait for its mirror"
        detail = "Write mode: sync at the mirror, or how much may be lost."
        yield error(RULE, summary, detail, promise.span, Label(mirror.origin.key(), "the mirror"))


def _limit(promise: Promise) -> str:
    amount = f"{promise.text} of work at most" if promise.seconds else "nothing"
    return f"{promise.whose} is to lose {amount}"
