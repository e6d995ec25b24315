"""The instance's server, as the provisioner sees it: databases, and functions that make one tenant's role each.

The provisioner proves itself by the job's certificate and comes into the database `postgres` alone. It owns the
tenants' databases and nothing in them, and is no superuser (images/postgres/lib/roles.sql).
"""

import time
from collections.abc import Callable

import psycopg
from psycopg import sql

from tenant.wanted import Refused, Wanted

TLS = "port=5432 sslmode=verify-full sslrootcert=/cfg/ca.crt"
"""How the server is asked, for libpq, which takes its name from PGHOST."""
CONNECT_SECONDS = 3
PATIENCE = 60
"""Seconds that the job waits for the server."""
SETTLING = 15
"""Seconds that a job which is refused asks again: a server that was told of another key knows it some moments later."""
LOCK_PATIENCE = 600
"""Seconds that the job waits for another one on the same tenant or template; restoring one may take minutes."""

MAKING = "moothall: being made"
READY = "moothall: ready"
CONNECTIONS = 20


def address(user: str, database: str, seconds: int = CONNECT_SECONDS) -> str:
    """Return how a role with the job's certificate reaches a database, for libpq; that is all it needs.

    `seconds` is how long one attempt to connect may take: long for a program that makes no second one.
    """
    own = f"user={user} dbname={database} sslcert=/cfg/client.crt sslkey=/cfg/client.key"
    return f"{TLS} connect_timeout={seconds} {own}"


def connect() -> psycopg.Connection:
    """Connect as provisioner. Raises `Refused` when the server never answers."""
    return patiently(lambda: psycopg.connect(address("provisioner", "postgres"), autocommit=True))


def patiently(connecting: Callable[[], psycopg.Connection]) -> psycopg.Connection:
    """Connect to a server that may be starting, or very busy. Raises `Refused` when it never answers."""
    started = time.monotonic()
    while True:
        try:
            return connecting()
        except psycopg.OperationalError as error:
            if time.monotonic() - started > (PATIENCE if _passing(error) else SETTLING):
                raise Refused(f"the server does not let the job in: {_line(error)}") from error
            time.sleep(0.5)


def lock(server: psycopg.Connection, tenant: str) -> None:
    """Hold the tenant until it is let go or this connection ends, so that two jobs never work on it at once."""
    server.execute(sql.SQL("SET lock_timeout = {}").format(f"{LOCK_PATIENCE}s"))
    try:
        server.execute("SELECT pg_advisory_lock(hashtext('moothall'), hashtext(%s))", [tenant])
    except psycopg.errors.LockNotAvailable as error:
        raise Refused(f"another job has been working on {tenant} for {LOCK_PATIENCE} s") from error


def let_go(server: psycopg.Connection, tenant: str) -> None:
    """Let another job have what was held."""
    server.execute("SELECT pg_advisory_unlock(hashtext('moothall'), hashtext(%s))", [tenant])


def have_role(server: psycopg.Connection, wanted: Wanted) -> None:
    """Make the tenant's role, or give it the wanted password. The server sees, and may log, only a SCRAM hash."""
    secret = server.pgconn.encrypt_password(wanted.database_password.encode(), wanted.tenant.encode(), b"scram-sha-256")
    server.execute("SELECT moothall.have_tenant(%s, %s, %s)", [wanted.tenant, secret.decode(), CONNECTIONS])


def is_frozen(server: psycopg.Connection, tenant: str) -> bool:
    """Say whether the tenant's role is let in from nowhere, so that nothing in its database can be changed."""
    [frozen] = server.execute("SELECT pg_has_role(%s, 'moothall.frozen', 'MEMBER')", [tenant]).fetchone() or [False]
    return frozen


def state(server: psycopg.Connection, tenant: str) -> str | None:
    """Return the mark on the tenant's database, an empty one when it has none, None when there is no database."""
    row = server.execute(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %s", [tenant]
    ).fetchone()
    return row[0] if row else None


def make_database(
    server: psycopg.Connection, tenant: str, template: str, hand_over: Callable[[psycopg.Connection, str, str], None]
) -> None:
    """Make the tenant's database, a copy of `template`, marked as being made, closed to every other role.

    It gets the tenant's name when all in it is the tenant's: an interrupted job leaves nothing under that name that
    could be taken for somebody's data.
    """
    name, copy = sql.Identifier(tenant), f"{tenant}.copy"
    staging = sql.Identifier(copy)
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(staging))
    when_unused(server, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(staging, sql.Identifier(template)))
    mark(server, copy, MAKING)
    hand_over(server, copy, tenant)
    let_in(server, copy, tenant)
    when_unused(server, sql.SQL("ALTER DATABASE {} RENAME TO {}").format(staging, name))


def let_in(server: psycopg.Connection, database: str, role: str) -> None:
    """Let one role into a database, and nobody else; it may make what it likes there, as it could as its owner."""
    name = sql.Identifier(database)
    server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    grant = sql.SQL("GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {} TO {}")
    server.execute(grant.format(name, sql.Identifier(role)))


def when_unused(server: psycopg.Connection, statement: sql.Composed) -> None:
    """Run a statement that needs a database without users.

    A connection that has just ended takes a moment to be gone, on a busy server longer than the five seconds that
    PostgreSQL waits itself. Raises `Refused` when it is never gone.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            server.execute(statement)
            return
        except psycopg.errors.ObjectInUse as error:
            if time.monotonic() > until:
                raise Refused(f"a database is still in use: {_line(error)}") from error
            time.sleep(0.2)


def drop_database(server: psycopg.Connection, tenant: str) -> None:
    """Drop what an interrupted job left."""
    server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(tenant)))


def mark(server: psycopg.Connection, tenant: str, text: str) -> None:
    """Write the mark on the tenant's database; only its owner may."""
    server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(tenant), sql.Literal(text)))


def _passing(error: psycopg.OperationalError) -> bool:
    """Say whether waiting may help: the server or its name is not there yet, or it lets jobs in only in a moment."""
    text = str(error)
    hopeless = ("certificate", "authentication failed", "private key", "does not exist")
    return not any(word in text for word in hopeless)


def _line(error: Exception) -> str:
    """Return the error in one line."""
    return " ".join(str(error).split())
