"""The server that holds a tenant's data now."""

from __future__ import annotations

from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive
from moothall.operations.offboarding.tenancy import Tenancy
from moothall.postgres.server import DatabaseServer, find_primary


def holder(pool: EnginePool, tenancy: Tenancy) -> DatabaseServer:
    """Return the server that takes writes, wherever a failover has put it; raises `Inconclusive` when there is none."""
    try:
        return find_primary([container.name for container in tenancy.servers], pool)
    except Inconclusive as reason:
        raise Inconclusive(f"No server of {tenancy.instance} takes writes. {reason}".strip()) from reason
