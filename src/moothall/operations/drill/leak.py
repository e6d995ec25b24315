"""The drill of a leak: everything is stolen, everything is exchanged, and everything stolen is tried at every door."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive, OperationError
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.drill.leak_doors import Attempt, Attempts, attempts
from moothall.operations.drill.loot import Loot
from moothall.operations.not_done import not_done
from moothall.operations.secrets import check_rotation, open_vault, take_copy
from moothall.operations.stacks import engine_bindings, remote_states
from moothall.operations.stacks.apply import ApplyOptions
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.stacks.rotate import rotate_and_apply
from moothall.operations.stacks.used_keyring import newest_used
from moothall.report.drill.view import DrillView
from moothall.report.results.view import view as results_view
from moothall.verify.context import VerifyContext

LEAK = "leak"
_AT_ONCE = 4
_TRIES = 2
"""How often somebody tries who got no answer: on a busy machine a door may be slow."""


def drill_leak(context: Context, plan: Plan, start_time: datetime) -> DrillView:
    """Steal, exchange and try; return the view of the drill. The exchange is a real one, and stays.

    What a door lets in is tried before the exchange, too: one that nothing opened then proves nothing. Raises
    OperationError when it cannot even begin.
    """
    remote_states.refuse_local(context, plan)
    reach = engine_bindings.reach(context, plan)
    used = newest_used(context, plan, reach)
    check_rotation(context, plan, None, used)
    vault, sequence = take_copy(context, plan)
    loot = Loot(vault, sequence, plan)
    before = _try_all(context, plan, reach, loot, "before")
    began = time.monotonic()
    _, code = rotate_and_apply(context, plan, ApplyOptions(), used, master=True)
    seconds = round(time.monotonic() - began, 1)
    if code:
        reason = Inconclusive("Not everything that stands has followed; moothall up goes on with it.")
        return _view(plan, start_time, [not_done("exchange", "Everything is exchanged", reason)], None)
    return _view(plan, start_time, judge(before, _try_all(context, plan, reach, loot, "after")), seconds)


def judge(before: Iterable[Attempt], after: Iterable[Attempt]) -> list[CheckResult]:
    """Return a result for each attempt: passed where the door let it in before, and does not now."""
    later = {attempt.id: attempt.is_let_in for attempt in after}
    results = []
    for attempt in before:
        status, detail = _verdict(attempt.is_let_in, later.get(attempt.id))
        results.append(CheckResult(attempt.id, attempt.subject, status, detail))
    return results


def _verdict(before: bool | None, after: bool | None) -> tuple[str, str]:
    if after:
        return FAILED, "it is let in still"
    if after is None or before is None:
        return COULD_NOT_RUN, f"nobody answered {'after' if after is None else 'before'} the exchange"
    return (PASSED, "let in before, refused now") if before else (COULD_NOT_RUN, "it was refused before, too")


def _try_all(context: Context, plan: Plan, reach: Reach, loot: Loot, when: str) -> list[Attempt]:
    """Return what came of everything stolen at every door. Raises OperationError where nothing can be tried."""
    in_use, pool = open_vault(context, plan), EnginePool(plan, reach.engines)
    context.progress.stage(f"trying what was stolen at every door, {when} the exchange")
    try:
        with ThreadPoolExecutor(_AT_ONCE) as probes:
            verify_context = VerifyContext(plan, in_use, pool, probes)
            groups = list(probes.map(_attempts, attempts(verify_context, loot)))
    except Inconclusive as reason:
        raise OperationError(
            str(reason),
            state=f"What was stolen could not be tried {when} the exchange.",
            hint=f"moothall verify --partnership {plan.partnership}",
        ) from reason
    put_back = loot.sequence >= newest_used(context, plan, reach)
    return [
        Attempt("keyring.derived", "what is in use derives from the stolen keyring", bool(loot.derived_in_use(in_use))),
        Attempt("keyring.put-back", "the stolen keyring in the place of the one in use", put_back),
        *(attempt for group in groups for attempt in group),
    ]


def _attempts(try_group: Callable[[], Attempts]) -> list[Attempt]:
    """Return what came of a group of attempts; once more where somebody did not answer."""
    for _ in range(_TRIES):
        made = list(try_group())
        if all(attempt.is_let_in is not None for attempt in made):
            break
    return made


def _view(plan: Plan, start_time: datetime, results: list[CheckResult], seconds: float | None) -> DrillView:
    statuses = {result.status for result in results}
    outcome = next((status for status in (FAILED, COULD_NOT_RUN) if status in statuses), PASSED)
    results_part = results_view(results)
    return {
        "schemaVersion": 1,
        "results": results_part["results"],
        "summary": results_part["summary"],
        "drill": LEAK,
        "partnership": plan.partnership,
        "instance": "",
        "council": None,
        "where": "live",
        "outcome": outcome,
        "agreed": {"recoveryTimeSeconds": None, "recoveryPointSeconds": None},
        "measured": {"recoveryTimeSeconds": None, "recoveryPointSeconds": None},
        "leak": {
            "doors": len(results) if seconds is not None else 0,
            "open": sum(result.status == FAILED for result in results),
            "seconds": seconds,
        },
        "began": start_time.isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
    }
