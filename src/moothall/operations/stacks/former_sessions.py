"""Sessions that somebody began with a key or a password which was exchanged since.

A server asks for both when somebody comes in, and not again: who holds a session would go on, a follower with every
change of all tenants. They are ended when all that stands has followed, for a follower of ours needs its new key to
come back. Who uses keys and passwords that are good still is not interrupted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive, OperationError
from moothall.model.planned import Plan, TenantPlan
from moothall.operations.stacks.engine_bindings import Reach
from moothall.postgres.server import DatabaseServer

_AT_ONCE = 4
_STARTED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
"""How a moment begins that an engine says, in UTC."""


def end_former_sessions(plan: Plan, engine_reach: Reach, council: str | None) -> None:
    """End sessions of exchanged keys at the servers of a plan that all which stands follows, or a council's own stacks.

    A tenant's are those that are older than its applications, which are recreated with a new password. Raises
    OperationError.
    """
    pool = EnginePool(plan, engine_reach.engines)
    tenants = [tenant for tenant in plan.tenants if council in (None, tenant.council)]

    def end(container: str, began: Mapping[str, str]) -> None:
        server = DatabaseServer(pool.of(container), container)
        try:
            server.end_former_sessions(began, certificates=council is None)
        except Inconclusive:
            if server.is_ready():  # nobody is in where no server runs
                raise

    try:
        began: dict[str, dict[str, str]] = {tenant.instance: {} for tenant in tenants}
        for tenant in tenants:
            if since := _began(tenant, pool):
                began[tenant.instance][tenant.database] = since
        servers = [(server.name, began[instance]) for instance in began for server in plan.servers(instance)]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            ends = [threads.submit(end, *each) for each in servers]
        for each in ends:
            each.result()
    except Inconclusive as reason:
        raise OperationError(
            str(reason),
            state="All that stands is as planned. Sessions that were begun with keys of before may go on.",
            hint=f"moothall up --partnership {plan.partnership}",
        ) from reason


def _began(tenant: TenantPlan, pool: EnginePool) -> str | None:
    """Return since when the older of a tenant's applications runs, in UTC; None where that is not known."""
    names = [name for name in (tenant.application, tenant.waiting_application) if name]
    found = [pool.of(name).container(name) for name in names]
    times = [_STARTED.match(str(each["State"]["StartedAt"])) for each in found if each]
    if len(times) < len(names) or not all(times):
        return None
    return min(f"{time[0]}+00" for time in times if time)
