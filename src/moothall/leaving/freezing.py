"""Freezing a tenant: its database lets nobody in any more but the server's own superuser, until it is thawed.

It is the database that refuses, so no application, job or tool of the tenant can write, at whichever site; and since a
mirror follows, a failover in between keeps it frozen. Nobody else's database is touched.
"""

from __future__ import annotations

from moothall.leaving.server import Server, literal, name

_LIMIT = "SELECT datconnlimit FROM pg_database WHERE datname = {}"
_END = (
    "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = {} AND usename <> 'postgres'"
)


def freeze(server: Server, database: str) -> int:
    """Let nobody in and end what is there; return how many connections were ended."""
    server.ask("postgres", f"ALTER DATABASE {name(database)} CONNECTION LIMIT 0")
    return int(server.ask("postgres", _END.format(literal(database))))


def thaw(server: Server, database: str) -> None:
    """Let the tenant in again; its application finds its way back by itself."""
    server.ask("postgres", f"ALTER DATABASE {name(database)} CONNECTION LIMIT -1")


def is_frozen(server: Server, database: str) -> bool | None:
    """Say whether a database is frozen; None when there is no such database."""
    limit = server.ask("postgres", _LIMIT.format(literal(database)))
    return None if not limit else limit == "0"
