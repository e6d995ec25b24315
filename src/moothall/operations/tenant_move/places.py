"""The two servers that can have a tenant's data: the instance's shared one, and the council's own.

Where the data is says the server itself: one of the two has a database of the tenant's name, and only while it is
carried both have.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive
from moothall.model.dedicated import is_dedicated, server_name
from moothall.model.planned import Plan, TenantPlan
from moothall.model.stackname import parts, stack_of
from moothall.plan import naming
from moothall.postgres import databases
from moothall.postgres.server import DatabaseServer

_SERVER, _DATA = "postgres", "data"


@dataclass(frozen=True)
class Place:
    """A server by the name of its instance, or a council's own: the container at each of its sites.

    One that is not planned was a council's own, and stands still; its `stacks` are known by their names.
    """

    name: str
    is_planned: bool
    servers: tuple[DatabaseServer, ...]
    stacks: tuple[str, ...]

    def primary(self) -> DatabaseServer:
        """Return the server that takes writes. Raises Inconclusive when none does."""
        reasons = []
        for server in self.servers:
            try:
                if not server.recovers():
                    return server
            except Inconclusive as reason:
                reasons.append(str(reason))
        raise Inconclusive(f"No server of {self.name} takes writes. {' '.join(reasons)}".strip())

    def holds(self, database: str) -> bool:
        """Say whether there is a database of a name, or was before all of it was taken down with its data kept.

        Raises Inconclusive when there is data, and no server that could say so.
        """
        try:
            return databases.exists(self.primary().provisioning(), database)
        except Inconclusive as reason:
            if not any(map(_has_data, self.servers)):
                return False
            raise Inconclusive(f"Whether it has a database {database} it does not say. {reason}") from reason


def planned_place(plan: Plan, instance: str, pool: EnginePool) -> Place:
    """Return the server of a planned instance, or of a council's own."""
    servers = (DatabaseServer(pool.of(container.name), container.name) for container in plan.servers(instance))
    stacks = (stack.name for stack in plan.stacks if (stack.kind, stack.unit) == ("instance", instance))
    return Place(instance, True, tuple(servers), tuple(stacks))


def other_place(plan: Plan, tenant: TenantPlan, pool: EnginePool, left_servers: Mapping[str, Place]) -> Place | None:
    """Return the server that a tenant is not planned on, None where there is none.

    `left_servers` are those of `find_left_servers`.
    """
    if is_dedicated(tenant.instance):
        return planned_place(plan, tenant.used, pool)
    return left_servers.get(server_name(tenant.instance, tenant.council))


def find_left_servers(plan: Plan, engines: Collection[Engine]) -> Mapping[str, Place]:
    """Return the servers that councils had for themselves and that are not planned any more, by name.

    Each is found by its data. Raises Inconclusive when an engine does not answer.
    """
    units = {stack.unit for stack in plan.stacks}
    found: dict[str, dict[str, DatabaseServer]] = {}
    for engine in engines:
        for volume in _volumes(engine, plan.partnership):
            stack, unit = stack_of(volume), parts(stack_of(volume)).unit or ""
            if is_dedicated(unit) and unit not in units and volume == naming.engine_name(stack, _DATA):
                found.setdefault(unit, {})[stack] = DatabaseServer(engine, naming.engine_name(stack, _SERVER))
    return {unit: Place(unit, False, tuple(servers.values()), tuple(servers)) for unit, servers in found.items()}


def _has_data(server: DatabaseServer) -> bool:
    """Say whether there is a container, or the volume of one. Raises Inconclusive when the engine does not answer."""
    if server.engine.container(server.container):
        return True
    stack = stack_of(server.container)
    return naming.engine_name(stack, _DATA) in _volumes(server.engine, parts(stack).partnership)


def _volumes(engine: Engine, partnership: str) -> set[str]:
    from moothall.deploy.labels import PARTNERSHIP

    return {volume["Name"] for volume in engine.volumes({"label": f"{PARTNERSHIP}={partnership}"})}
