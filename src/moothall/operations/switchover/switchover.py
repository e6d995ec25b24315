"""The work of `failover` and `failback`, in order, with every result; the verbs decide whether it may be done."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from moothall.failures import Inconclusive
from moothall.model.outcome import COULD_NOT_RUN, PASSED, SKIPPED, CheckResult
from moothall.model.planned import MirrorPlan
from moothall.model.written import Active
from moothall.operations.context import Context
from moothall.operations.recovery_objectives import RecoveryMeasures, RecoveryTerms, judge
from moothall.operations.switchover import switchover_context
from moothall.operations.switchover.record import record
from moothall.operations.switchover.server import PRIMARY
from moothall.operations.switchover.start_containers import start_containers
from moothall.operations.switchover.steps import Loss, RoleExchange, exchange_roles, follow, logins
from moothall.operations.switchover.switchover_context import SwitchOptions, SwitchoverContext
from moothall.ports import Progress
from moothall.report.switch.view import SwitchedView, switched_view
from moothall.source import Document, Origin


def switch_over(
    context: Context, options: SwitchOptions, switchover: SwitchoverContext, target: str, why: str, start_time: float
) -> SwitchedView:
    """Have the server at `target` serve the instance, and the other one follow if it can; return the results.

    `start_time` is when the command began, on the monotonic clock.
    Raises OperationError when a step cannot be made; the same command goes on from there.
    """
    mirror, new_server = switchover.mirror, switchover.servers[target]
    other, is_home = mirror.other_site(target), target == mirror.primary_site
    old_server = switchover.servers[other] if other not in switchover.silent else None
    context.progress.stage(f"{mirror.instance}: from {other} to {target}")
    start_errors = start_containers(
        switchover.plan, mirror.instance, switchover.engine_pool, [target], switchover.answering_sites(other, target)
    )
    tenant_logins = logins(
        switchover.plan,
        switchover.vault,
        switchover.reach.engines,
        mirror,
        target,
        switchover.reach.silent,
        context.progress,
    )
    try:
        new_server.come_up()
        if old_server and switchover.states[other].role == PRIMARY:
            tenant_logins.prepare()  # while users are served
        exchange = exchange_roles(
            old_server, new_server, mirror.slots[other], f"replaced by {target}: {why}", tenant_logins.start
        )
        tenant_logins.begin()
    except Inconclusive as reason:
        state = f"{mirror.instance} is served by nobody until the switch is made again, or by {other} as before."
        needed_sites = [target, other] if is_home else [target]
        raise switchover_context.interruption_error(
            options, switchover, reason, "failback" if is_home else "failover", state, needed_sites
        ) from reason
    finally:
        tenant_logins.give_up()
    active = _active(switchover, target, exchange, why)
    record(context, switchover, None if is_home else active)
    # Where commits wait for the mirror, so would every login, until it follows. Else users come first.
    early_follow = _have_follow(switchover, other, target, context.progress) if exchange.primary.synchronous else None
    results = tenant_logins.results()
    login_times = tenant_logins.login_times(results)
    follow_results, loss = early_follow or _have_follow(switchover, other, target, context.progress)
    recovery_time = login_times[1] - start_time if login_times else None
    recovery_point = _lost_seconds(exchange, loss)
    return switched_view(
        [
            *_exchange_results(switchover, target, exchange),
            *_start_results(switchover, target, start_errors),
            *_login_results(switchover, target, results),
            *follow_results,
            *judge(mirror.instance, mirror.title, _terms(mirror), _measures(recovery_time, recovery_point)),
        ],
        {
            "instance": mirror.instance,
            "from": other,
            "site": target,
            "since": active.since,
            "timeline": exchange.primary.timeline,
            "interruptionSeconds": round(login_times[1] - exchange.start_time, 3) if login_times else None,
            "firstLoginSeconds": round(login_times[0] - start_time, 3) if login_times else None,
            "recoveryTimeSeconds": round(recovery_time, 3) if recovery_time is not None else None,
            "agreedRecoveryTimeSeconds": mirror.recovery_time_seconds,
            "recoveryPointSeconds": recovery_point,
            "agreedRecoveryPointSeconds": mirror.recovery_point_seconds,
            "lostBytes": loss.bytes if loss else None,
            "lostCommits": loss.commits if loss else None,
        },
    )


def _terms(mirror: MirrorPlan) -> RecoveryTerms:
    return RecoveryTerms(mirror.recovery_time_seconds, mirror.recovery_point_seconds)


def _measures(recovery_time: float | None, recovery_point: float | None) -> RecoveryMeasures:
    return RecoveryMeasures(recovery_time, recovery_point, "the last tenant logged in after", "changes are lost of")


def _active(switchover: SwitchoverContext, target: str, exchange: RoleExchange, why: str) -> Active:
    """Return the record of the switch; that of an earlier run which got as far is kept."""
    entry = (exchange.promotion_time, exchange.primary.timeline, why)
    if (active := switchover.mirror.active) and active.site == target:
        entry = (active.since, active.timeline, active.why)
    return Active(switchover.mirror.instance, target, *entry, Origin(Document("", {}, {})))


def _exchange_results(switchover: SwitchoverContext, target: str, exchange: RoleExchange) -> Iterator[CheckResult]:
    """Yield the results of fencing and promoting."""
    name, other = switchover.mirror.instance, switchover.mirror.other_site(target)
    subject = f"the server at {other} cannot serve"
    if exchange.old_state is None:
        detail = f"{switchover.silent[other]} It fences itself when it hears of timeline {exchange.primary.timeline}"
        yield CheckResult(f"fence.{name}", subject, SKIPPED, detail)
    else:
        yield CheckResult(
            f"fence.{name}", subject, PASSED, "fenced" + (", shut down in order" if exchange.complete else "")
        )
    detail = f"primary on timeline {exchange.primary.timeline}"
    yield CheckResult(
        f"promote.{name}",
        f"the server at {target} serves",
        PASSED,
        detail,
        round(exchange.end_time - exchange.start_time, 3),
    )


def _start_results(switchover: SwitchoverContext, target: str, start_errors: list[str]) -> Iterator[CheckResult]:
    """Yield a result if containers of the instance could not be started; the switch goes on without them."""
    if start_errors:
        subject = f"what belongs to {switchover.mirror.instance} at {target} runs"
        yield CheckResult(
            f"runs.{switchover.mirror.instance}",
            subject,
            COULD_NOT_RUN,
            " ".join(start_errors),
            hint="moothall up --yes",
        )


def _login_results(switchover: SwitchoverContext, target: str, results: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the logins; those that failed with what to do about it."""
    if all(result.hint or result.status in (PASSED, SKIPPED) for result in results):
        return list(results)
    hint = switchover_context.advice(switchover, [target], f"moothall verify --instance {switchover.mirror.instance}")
    return [result if result.status in (PASSED, SKIPPED) else result._replace(hint=hint) for result in results]


def _have_follow(
    switchover: SwitchoverContext, other: str, target: str, progress: Progress
) -> tuple[list[CheckResult], Loss | None]:
    """Have the server that was replaced follow; return the results and what is lost, None if it does not follow."""
    check_id = f"follow.{switchover.mirror.instance}"
    subject = f"{switchover.mirror.instance} is mirrored from {target} to {other}"
    hint = (
        f"moothall failback {switchover.mirror.instance}"
        if target == switchover.mirror.site
        else f"moothall verify --site {other}"
    )
    if other in switchover.silent:
        return [CheckResult(check_id, subject, SKIPPED, f"{other} does not answer", hint=hint)], None
    start_time = time.monotonic()
    progress.stage(f"{switchover.mirror.instance}: {other} follows {target}")
    start_containers(
        switchover.plan,
        switchover.mirror.instance,
        switchover.engine_pool,
        [other],
        switchover.answering_sites(other, target),
    )
    try:
        loss = follow(switchover.servers[other], switchover.servers[target], switchover.missing_link)
    except Inconclusive as reason:
        hint = switchover_context.advice(switchover, [other, target], hint)
        return [CheckResult(check_id, subject, COULD_NOT_RUN, str(reason), hint=hint)], None
    detail = "copied anew" if loss.was_copied else "goes on from where it was"
    if loss.commits:
        transactions = f"{loss.commits} transactions" if loss.commits > 0 else "an unknown number of transactions"
        detail += f"; {transactions} that only {other} had are lost ({loss.bytes} bytes of log)"
    return [CheckResult(check_id, subject, PASSED, detail, round(time.monotonic() - start_time, 3))], loss


def _lost_seconds(exchange: RoleExchange, loss: Loss | None) -> float | None:
    """Return the seconds whose changes are lost, None when that cannot be told."""
    if exchange.complete or (loss is not None and loss.commits == 0):
        return 0.0
    return loss.seconds if loss is not None else None
