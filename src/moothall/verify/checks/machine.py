"""From a council's own network and from its applications' nothing of the engine's machine is reached.

The machine has an address on every bridge that is not told otherwise, and behind each of them all its services. What
refuses has been reached as well: only silence is a wall.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.planned import Plan
from moothall.verify.context import VerifyContext
from moothall.verify.inside import probe_beside
from moothall.verify.reachability_matrix import tenants_of
from moothall.verify.reachability_scan import deed
from moothall.verify.task import Task, Verdict, verdict_on
from moothall.verify.tenants import council_tasks


def tasks(plan: Plan) -> Iterator[Task]:
    """Return a task for each council with a tenant."""
    return council_tasks("machine", plan, "reaches nothing of the machine that it stands on", _look)


def _look(council: str, context: VerifyContext) -> Verdict:
    """Judge what was reached from the council's network, and from beside its applications."""
    own_tenants = tenants_of(context.plan, council)
    for name in {own_tenants[0].relay, *(tenant.application for tenant in own_tenants)}:
        context.require_known_machine(context.engine_pool.of(name))
    replies = {own_tenants[0].network: context.answer(council)}
    for tenant in own_tenants:
        replies[f"the applications of {tenant.instance}"] = probe_beside(context, tenant.instance)
    problems, tried_count = [], 0
    for place_name, answer in replies.items():
        tried_count += len(answer.machine)
        problems += [
            f"{door} {deed(outcome)} to {place_name}" for door, outcome in answer.machine.items() if outcome != "silent"
        ]
    return verdict_on(problems, f"{tried_count} doors of the machine tried from {len(replies)} networks, all silent")
