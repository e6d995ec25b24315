"""The instance's server, as the provisioner sees it: roles and databases of tenants, no superuser.

The provisioner proves itself by the job's certificate. It has CREATEDB and CREATEROLE, and becomes a member of the
tenant's role only while it makes or drops the tenant's database.
"""

import time
from collections.abc import Callable

import psycopg
from psycopg import sql

from tenant.wanted import Refused, Wanted

TLS = "host=pg port=5432 sslmode=verify-full sslrootcert=/cfg/ca.crt"
CONNECT_SECONDS = 3
PATIENCE = 60
"""Seconds that the job waits for the server."""
LOCK_PATIENCE = 600
"""Seconds that the job waits for another one on the same tenant or template; restoring one may take minutes."""

MAKING = "moothall: being made"
READY = "moothall: ready"
CONNECTIONS = 40


def address(database: str, seconds: int = CONNECT_SECONDS) -> str:
    """Return how the provisioner reaches a database, for libpq; its certificate is all it needs.

    `seconds` is how long one attempt to connect may take: long for a program that makes no second one.
    """
    own = f"user=provisioner dbname={database} sslcert=/cfg/client.crt sslkey=/cfg/client.key"
    return f"{TLS} connect_timeout={seconds} {own}"


def connect(database: str = "postgres") -> psycopg.Connection:
    """Connect as provisioner. Raises `Refused` when the server never answers."""
    return patiently(lambda: psycopg.connect(address(database), autocommit=True))


def patiently(connecting: Callable[[], psycopg.Connection]) -> psycopg.Connection:
    """Connect to a server that may be starting, or very busy. Raises `Refused` when it never answers."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return connecting()
        except psycopg.OperationalError as error:
            if time.monotonic() > until or not _passing(error):
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
    found = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [wanted.tenant]).fetchone()
    secret = server.pgconn.encrypt_password(wanted.database_password.encode(), wanted.tenant.encode(), b"scram-sha-256")
    # Attributes of power are named once, at birth: only a superuser may name them again, even to take them away.
    kind = "ALTER ROLE {} LOGIN" if found else "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
    statement = sql.SQL(kind + " CONNECTION LIMIT {} PASSWORD {}").format(
        sql.Identifier(wanted.tenant), sql.Literal(CONNECTIONS), sql.Literal(secret.decode())
    )
    server.execute(statement)


def state(server: psycopg.Connection, tenant: str) -> str | None:
    """Return the mark on the tenant's database, an empty one when it has none, None when there is no database."""
    row = server.execute(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %s", [tenant]
    ).fetchone()
    return row[0] if row else None


def make_database(
    server: psycopg.Connection, tenant: str, template: str, hand_over: Callable[[str, str], None]
) -> None:
    """Make the tenant's database, a copy of `template`, marked as being made, closed to every other role.

    It gets the tenant's name when all in it is the tenant's: an interrupted job leaves nothing under that name that
    could be taken for somebody's data.
    """
    name, copy = sql.Identifier(tenant), f"{tenant}.copy"
    staging = sql.Identifier(copy)
    server.execute(sql.SQL("GRANT {} TO provisioner").format(name))
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(staging))
    copying = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
    _when_unused(server, copying.format(staging, name, sql.Identifier(template)))
    mark(server, copy, MAKING)
    server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(staging))
    hand_over(copy, tenant)
    _when_unused(server, sql.SQL("ALTER DATABASE {} RENAME TO {}").format(staging, name))
    server.execute(sql.SQL("REVOKE {} FROM provisioner").format(name))


def _when_unused(server: psycopg.Connection, statement: sql.Composed) -> None:
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
    name = sql.Identifier(tenant)
    server.execute(sql.SQL("GRANT {} TO provisioner").format(name))
    server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def mark(owner: psycopg.Connection, tenant: str, text: str) -> None:
    """Write the mark on the tenant's database; only its owner may."""
    owner.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(tenant), sql.Literal(text)))


def _passing(error: psycopg.OperationalError) -> bool:
    """Say whether waiting may help: the server or its name is not there yet, or it is starting."""
    text = str(error)
    hopeless = ("certificate", "pg_hba.conf", "authentication failed", "private key", "does not exist")
    return not any(word in text for word in hopeless)


def _line(error: Exception) -> str:
    """Return the error in one line."""
    return " ".join(str(error).split())
