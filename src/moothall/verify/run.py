"""Run all checks at once and say what came of each."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from moothall.docker_engine.pool import EnginePool
from moothall.docker_engine.stale import remove_stale
from moothall.failures import Inconclusive
from moothall.model.engines import Engines
from moothall.model.outcome import COULD_NOT_RUN, FAILED, SKIPPED, CheckResult
from moothall.model.planned import Plan
from moothall.ports import Progress, Silent, Vault
from moothall.verify.checks import CHECKS, Check
from moothall.verify.context import VerifyContext
from moothall.verify.selection import Selection
from moothall.verify.task import Task, Verdict
from moothall.verify.trail import Memory

PROBES = 10
"""Probes at once. Each works little and mostly waits for silence: under load ten took 8 s so, 11 s by fives."""
LOOKS = 6
"""Other tasks at once; they wait for the engine, for probes and for pgBackRest, not for this process."""
PROBED_KINDS = ("login.", "modules.", "isolation.", "machine.", "trail.")


def verify(
    plan: Plan,
    vault: Vault,
    engines: Engines,
    *,
    checks: tuple[Check, ...] = CHECKS,
    selection: Selection | None = None,
    progress: Progress | None = None,
    trail_memory: Memory | None = None,
) -> tuple[CheckResult, ...]:
    """Look at everything that the plan says shall stand on its engines; one result for each thing.

    `checks` are the kinds of things to look at. Nothing is changed but for one-off containers, which are removed again,
    and what is remembered of the logs. What cannot be looked at (no engine, a container missing) is a result too, so
    this raises nothing.
    """
    tasks = [task for check in checks for task in check.tasks(plan)]
    selected_part = selection or Selection()
    reasons = [task.skip or selected_part.exclusion_reason(task) for task in tasks]
    chosen_tasks = [task for task, reason in zip(tasks, reasons, strict=True) if not reason]
    results = _run_tasks(chosen_tasks, plan, vault, EnginePool(plan, engines), progress or Silent(), trail_memory)
    return tuple(
        CheckResult(task.id, task.subject, SKIPPED, reason) if reason else results[task.id]
        for task, reason in zip(tasks, reasons, strict=True)
    )


def _run_tasks(
    tasks: list[Task],
    plan: Plan,
    vault: Vault,
    engine_pool: EnginePool,
    progress: Progress,
    trail_memory: Memory | None,
) -> dict[str, CheckResult]:
    """Return the result of each task by its id; what waits for probes is looked at last."""
    if not tasks:
        return {}
    progress.stage(f"verifying {plan.partnership}")
    with ThreadPoolExecutor(PROBES) as probes, ThreadPoolExecutor(LOOKS) as looks:
        context = VerifyContext(plan, vault, engine_pool, probes, trail_memory)
        failure_reason = _prepare(context, tasks)
        if failure_reason:
            return {task.id: CheckResult(task.id, task.subject, COULD_NOT_RUN, failure_reason) for task in tasks}
        ordered_tasks = sorted(tasks, key=lambda task: task.id.startswith(PROBED_KINDS))
        results = looks.map(lambda task: _result(task, context, progress), ordered_tasks)
        return {result.id: result for result in results}


def _prepare(context: VerifyContext, tasks: Iterable[Task]) -> str:
    """Clear away what a killed run left and send the probes; return why nothing can be looked at, or ""."""
    try:
        for engine in context.answering_engines:
            remove_stale(engine, context.plan.partnership)
        if any(task.id.startswith("machine.") for task in tasks):
            context.look_at_machines()
        probed_councils = {task.council for task in tasks if task.id.startswith(PROBED_KINDS) and task.council}
        planted = {task.instance for task in tasks if task.id.startswith("trail.")}
        probed_councils |= {tenant.council for tenant in context.plan.tenants if tenant.instance in planted}
        context.send_probes(sorted(probed_councils))
    except Inconclusive as reason:
        return str(reason)
    return ""


def _result(task: Task, context: VerifyContext, progress: Progress) -> CheckResult:
    """Look at one thing; report progress only of what is wrong, for there are many things."""
    start = time.monotonic()
    try:
        verdict = task.look(context)
    except Inconclusive as reason:
        verdict = Verdict(COULD_NOT_RUN, str(reason))
    seconds = verdict.seconds if verdict.seconds is not None else time.monotonic() - start
    if verdict.status in (FAILED, COULD_NOT_RUN):
        progress.failed(task.id, verdict.status, verdict.detail)
    return CheckResult(task.id, task.subject, verdict.status, verdict.detail, round(seconds, 3))
