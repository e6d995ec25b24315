"""The work of `failover` and `failback`, in order, with every result; the verbs decide whether it may be done."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from moothall.failures import Inconclusive
from moothall.model.outcome import COULD_NOT_RUN, PASSED, SKIPPED, CheckResult
from moothall.model.written import Active
from moothall.operations.context import Context
from moothall.operations.switchover import switchover_context
from moothall.operations.switchover.record import record
from moothall.operations.switchover.recovery_objectives import terms
from moothall.operations.switchover.server import PRIMARY
from moothall.operations.switchover.start_containers import start_containers
from moothall.operations.switchover.steps import Lost, RoleExchange, exchange_roles, follow, logins
from moothall.operations.switchover.switchover_context import SwitchOptions, SwitchoverContext
from moothall.ports import Progress
from moothall.report.switch.view import SwitchedView, switched
from moothall.source import Document, Origin


def switch_over(
    context: Context, options: SwitchOptions, at: SwitchoverContext, to: str, why: str, began: float
) -> SwitchedView:
    """Have the server at `to` serve the instance, and the other one follow if it can; return what came of it.

    `began` is when the command did, on the monotonic clock.
    Raises OperationError when a step cannot be made; the same command goes on from there.
    """
    mirror, new = at.mirror, at.servers[to]
    other, home = mirror.other(to), to == mirror.primary_site
    old = at.servers[other] if other not in at.silent else None
    context.progress.stage(f"{mirror.instance}: from {other} to {to}")
    asleep = start_containers(at.plan, mirror.instance, at.engine_pool, [to], at.ways(other, to))
    asked = logins(at.plan, at.vault, at.found.engines, mirror, to, at.found.silent, context.progress)
    try:
        new.come_up()
        if old and at.states[other].role == PRIMARY:
            asked.prepare()  # while users are served
        done = exchange_roles(old, new, mirror.slots[other], f"replaced by {to}: {why}", asked.start)
        asked.begin()
    except Inconclusive as reason:
        left = f"{mirror.instance} is served by nobody until the switch is made again, or by {other} as before."
        needed = [to, other] if home else [to]
        raise switchover_context.interrupted(
            options, at, reason, "failback" if home else "failover", left, needed
        ) from reason
    finally:
        asked.give_up()
    active = _active(at, to, done, why)
    record(context, at, None if home else active)
    # Where commits wait for the mirror, so would every login, until it follows. Else users come first.
    first = _followed(at, other, to, context.progress) if done.primary.synchronous else None
    results = asked.results()
    served = asked.served(results)
    followed, lost = first or _followed(at, other, to, context.progress)
    took = served[1] - began if served else None
    point = _point(done, lost)
    return switched(
        [
            *_made(at, to, done),
            *_woken(at, to, asleep),
            *_led_on(at, to, results),
            *followed,
            *terms(mirror, took, point),
        ],
        {
            "instance": mirror.instance,
            "from": other,
            "site": to,
            "since": active.since,
            "timeline": done.primary.timeline,
            "interruptionSeconds": round(served[1] - done.began, 3) if served else None,
            "firstLoginSeconds": round(served[0] - began, 3) if served else None,
            "recoveryTimeSeconds": round(took, 3) if took is not None else None,
            "agreedRecoveryTimeSeconds": mirror.recovery_time_seconds,
            "recoveryPointSeconds": point,
            "agreedRecoveryPointSeconds": mirror.recovery_point_seconds,
            "lostBytes": lost.bytes if lost else None,
            "lostCommits": lost.commits if lost else None,
        },
    )


def _active(at: SwitchoverContext, to: str, done: RoleExchange, why: str) -> Active:
    """Return what is recorded; an earlier run that got as far has done so."""
    said = (done.since, done.primary.timeline, why)
    if (before := at.mirror.active) and before.site == to:
        said = (before.since, before.timeline, before.why)
    return Active(at.mirror.instance, to, *said, Origin(Document("", {}, {})))


def _made(at: SwitchoverContext, to: str, done: RoleExchange) -> Iterator[CheckResult]:
    """Yield what fencing and promoting came to."""
    name, other = at.mirror.instance, at.mirror.other(to)
    subject = f"the server at {other} cannot serve"
    if done.fenced is None:
        detail = f"{at.silent[other]} It fences itself when it hears of timeline {done.primary.timeline}"
        yield CheckResult(f"fence.{name}", subject, SKIPPED, detail)
    else:
        yield CheckResult(
            f"fence.{name}", subject, PASSED, "fenced" + (", shut down in order" if done.complete else "")
        )
    detail = f"primary on timeline {done.primary.timeline}"
    yield CheckResult(
        f"promote.{name}", f"the server at {to} serves", PASSED, detail, round(done.ended - done.began, 3)
    )


def _woken(at: SwitchoverContext, to: str, asleep: list[str]) -> Iterator[CheckResult]:
    """Yield what does not run although it belongs to the instance, if there is any: it held nothing up."""
    if asleep:
        subject = f"what belongs to {at.mirror.instance} at {to} runs"
        yield CheckResult(
            f"runs.{at.mirror.instance}", subject, COULD_NOT_RUN, " ".join(asleep), hint="moothall up --yes"
        )


def _led_on(at: SwitchoverContext, to: str, results: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the logins; those that failed with what to do about it."""
    if all(result.hint or result.status in (PASSED, SKIPPED) for result in results):
        return list(results)
    hint = switchover_context.advice(at, [to], f"moothall verify --instance {at.mirror.instance}")
    return [result if result.status in (PASSED, SKIPPED) else result._replace(hint=hint) for result in results]


def _followed(at: SwitchoverContext, other: str, to: str, progress: Progress) -> tuple[list[CheckResult], Lost | None]:
    """Have the server that was replaced follow; it can wait when that is not possible now."""
    id, subject = f"follow.{at.mirror.instance}", f"{at.mirror.instance} is mirrored from {to} to {other}"
    hint = f"moothall failback {at.mirror.instance}" if to == at.mirror.site else f"moothall verify --site {other}"
    if other in at.silent:
        return [CheckResult(id, subject, SKIPPED, f"{other} does not answer", hint=hint)], None
    began = time.monotonic()
    progress.stage(f"{at.mirror.instance}: {other} follows {to}")
    start_containers(at.plan, at.mirror.instance, at.engine_pool, [other], at.ways(other, to))
    try:
        lost = follow(at.servers[other], at.servers[to], at.cut)
    except Inconclusive as reason:
        hint = switchover_context.advice(at, [other, to], hint)
        return [CheckResult(id, subject, COULD_NOT_RUN, str(reason), hint=hint)], None
    detail = "copied anew" if lost.copied else "goes on from where it was"
    if lost.commits:
        many = f"{lost.commits} transactions" if lost.commits > 0 else "an unknown number of transactions"
        detail += f"; {many} that only {other} had are lost ({lost.bytes} bytes of log)"
    return [CheckResult(id, subject, PASSED, detail, round(time.monotonic() - began, 3))], lost


def _point(done: RoleExchange, lost: Lost | None) -> float | None:
    """Return the seconds whose changes are lost, None when that cannot be told."""
    if done.complete or (lost is not None and lost.commits == 0):
        return 0.0
    return lost.seconds if lost is not None else None
