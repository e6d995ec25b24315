"""From a council's own network and from its applications' nothing of the engine's machine is reached.

The machine has an address on every bridge that is not told otherwise, and behind each of them all its services. What
refuses has been reached as well: only silence is a wall.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.planned import Plan
from moothall.verify.context import VerifyContext
from moothall.verify.inside import beside
from moothall.verify.reachability_matrix import tenants_of
from moothall.verify.reachability_scan import deed
from moothall.verify.task import Task, Verdict, judged
from moothall.verify.tenants import council_tasks


def tasks(plan: Plan) -> Iterator[Task]:
    """Return a task for each council with a tenant."""
    return council_tasks("machine", plan, "reaches nothing of the machine that it stands on", _look)


def _look(council: str, context: VerifyContext) -> Verdict:
    """Judge what was reached from the council's network, and from beside its applications."""
    own = tenants_of(context.plan, council)
    for name in {own[0].relay, *(tenant.application for tenant in own)}:
        context.known_machine(context.engine_pool.of(name))
    places = {own[0].network: context.answer(council)}
    for tenant in own:
        places[f"the applications of {tenant.instance}"] = beside(context, tenant.instance)
    wrong, tried = [], 0
    for where, answer in places.items():
        tried += len(answer.machine)
        wrong += [f"{door} {deed(said)} to {where}" for door, said in answer.machine.items() if said != "silent"]
    return judged(wrong, f"{tried} doors of the machine tried from {len(places)} networks, all silent")
