"""No `up` makes an empty database for a tenant whose data is on another server, nor leaves data behind there."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.docker_engine.pool import EnginePool
from moothall.failures import REFUSED, Inconclusive, OperationError
from moothall.model.planned import Plan, TenantPlan
from moothall.model.stackname import stack_of
from moothall.operations.context import Context
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.tenant_move.places import Place, find_left_servers, other_place, planned_place


def refuse_elsewhere(context: Context, plan: Plan, engine_reach: Reach) -> None:
    """Raise OperationError (refused) for the first tenant of the selection that `data_elsewhere` yields."""
    for refusal in data_elsewhere(context, plan, engine_reach):
        raise refusal


def data_elsewhere(context: Context, plan: Plan, engine_reach: Reach) -> Iterator[OperationError]:
    """Yield why nothing may stand yet for tenants that are planned on one server and have their data on another."""
    pool = EnginePool(plan, engine_reach.engines)
    silent_sites = engine_reach.silent
    engines = {pool.of_site(stack.site) for stack in plan.stacks if stack.site not in silent_sites}
    try:
        left_servers = find_left_servers(plan, engines)
    except Inconclusive as reason:
        yield OperationError(str(reason), state="Nothing was touched.", hint="moothall doctor")
        return
    chosen_stacks = {stack.name for stack in plan.stacks if context.selects(stack) and stack.site not in silent_sites}
    for tenant in plan.tenants:
        other = other_place(plan, tenant, pool, left_servers)
        if other and stack_of(tenant.application) in chosen_stacks:
            own = planned_place(plan, tenant.instance, pool)
            if refusal := _refusal(tenant, own, other):
                yield refusal


def _refusal(tenant: TenantPlan, own: Place, other: Place) -> OperationError | None:
    subject = f"the data of {tenant.council} in {tenant.used}"
    try:
        if not other.holds(tenant.database):
            return None
    except Inconclusive as reason:
        if _holds(own, tenant.database):
            return None
        return OperationError(
            f"it is not known whether {subject} is on the server {other.name}: {reason}",
            state="Nothing was touched.",
            hint=f"moothall up --instance {other.name}" if other.is_planned else "moothall doctor",
            exit_code=REFUSED,
        )
    return OperationError(
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
