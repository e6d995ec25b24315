"""No `up` makes an empty database for a tenant whose data is on another server, nor leaves data behind there."""

from __future__ import annotations

from moothall.docker_engine.pool import EnginePool
from moothall.failures import REFUSED, Inconclusive, OperationError
from moothall.model.planned import Plan, TenantPlan
from moothall.model.stackname import stack_of
from moothall.operations.context import Context
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.tenant_move.places import Place, find_left_servers, other_place, planned_place


def refuse_elsewhere(context: Context, plan: Plan, engine_reach: Reach) -> None:
    """Raise OperationError (refused) when a tenant of the selection is planned on one server and its data is on
    another."""
    pool = EnginePool(plan, engine_reach.engines)
    silent_sites = engine_reach.silent
    engines = {pool.of_site(stack.site) for stack in plan.stacks if stack.site not in silent_sites}
    left_servers = find_left_servers(plan, engines)
    chosen_stacks = {stack.name for stack in plan.stacks if context.selects(stack) and stack.site not in silent_sites}
    for tenant in plan.tenants:
        other = other_place(plan, tenant, pool, left_servers)
        if other and stack_of(tenant.application) in chosen_stacks:
            _refuse(tenant, planned_place(plan, tenant.instance, pool), other)


def _refuse(tenant: TenantPlan, own: Place, other: Place) -> None:
    subject = f"the data of {tenant.council} in {tenant.used}"
    try:
        if not other.holds(tenant.database):
            return
    except Inconclusive as reason:
        if _holds(own, tenant.database):
            return
        raise OperationError(
            f"it is not known whether {subject} is on the server {other.name}: {reason}",
            state="Nothing was touched.",
            hint=f"moothall up --instance {other.name}" if other.is_planned else "moothall doctor",
            exit_code=REFUSED,
        ) from reason
    raise OperationError(
        f"{subject} is on the server {other.name}, and the definitions have it on {own.name}",
        state="Nothing was touched.",
        hint=f"moothall tenant move {tenant.council} {tenant.used}",
        exit_code=REFUSED,
    )


def _holds(place: Place, database: str) -> bool:
    """Say whether a server is known to have a database."""
    try:
        return place.holds(database)
    except Inconclusive:
        return False
