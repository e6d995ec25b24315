"""The probe's look at a database role, a tenant's or the provisioner's: what it is let into, what it may become and do.

It is copied into the container, whose Python has psycopg 3. Nothing that is tried is kept: every try is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

SECONDS = 30
AT_ONCE = 4
LET_IN = "open"
AT_THE_DOOR = ""
"""Refused by the server's access rules, before the database was looked at: as it should be."""
INSIDE = "refused by the database alone"
"""The access rules let the role through; only the missing grant of CONNECT held."""
NOT_TRIED = "not tried"
KNOCKS = 3
"""How often a door is tried that did not say how it refused."""
REFUSALS = ("42501", "22023", "42704", "58P01", "0A000")
"""SQLSTATEs: no right to do it, or no such role, object, file or feature. Any other error came after the right."""
TRIES = {
    "reads files of the server": "SELECT pg_read_file('/etc/passwd')",
    "lists folders of the server": "SELECT pg_ls_dir('/')",
    "runs programs on the server": "COPY (SELECT 1) TO PROGRAM 'true'",
    "writes files on the server": "COPY (SELECT 1) TO '/dev/null'",
    "imports files of the server": "SELECT lo_import('/etc/passwd')",
    "reads everybody's passwords": "SELECT rolpassword FROM pg_authid",
    "becomes the server's owner": "SET ROLE postgres",
    "becomes anybody": "SET SESSION AUTHORIZATION postgres",
    "reaches other servers": "CREATE EXTENSION dblink",
    "may make roles": "ALTER ROLE CURRENT_USER CREATEROLE",
    "gives itself the server's programs": "GRANT pg_execute_server_program TO CURRENT_USER",
}
"""What no role must be able to do, and how it is tried."""
OF_TENANTS = {"becomes the provisioner": "SET ROLE provisioner"}
OF_THE_PROVISIONER = {
    "gives the server's owner a password": "SELECT moothall.have_tenant('postgres', NULL, 1)",
    "gives itself a password": "SELECT moothall.have_tenant('provisioner', NULL, 1)",
}
MAINTENANCE = "postgres"
_POWERS = (
    "SELECT rolsuper OR rolcreaterole OR rolcreatedb AND NOT %s OR rolreplication OR rolbypassrls "
    "FROM pg_roles WHERE rolname = current_user"
)
_MEMBER_OF = (
    "SELECT rolname FROM pg_roles WHERE rolname <> current_user AND rolname <> 'pg_database_owner' "
    "AND NOT (%s AND rolname = 'pg_signal_backend') AND pg_has_role(current_user, oid, 'MEMBER')"
)
_MAY_CONNECT = "SELECT has_database_privilege(%s, 'CONNECT')"


def look(role: dict[str, Any]) -> dict[str, Any]:
    """Return what one role is given: `doors` by foreign database, `wrong` in words, of how many `tries`.

    A door is empty where the server's access rules held. The role is user, password, host, port, authority (a path) and
    others (the foreign databases); a tenant has a database of its user's name, the provisioner has no password but
    the certificate `identity` (a path).
    """
    return {
        "doors": {other: door(role, other) for other in role["others"]},
        "wrong": list(powers(role)),
        "tries": len(tries(role)),
    }


def tries(role: dict[str, Any]) -> dict[str, str]:
    """Return what a role must not be able to do, and how it is tried."""
    if not is_provisioner(role):
        return TRIES | OF_TENANTS
    return TRIES | OF_THE_PROVISIONER | {f"becomes {other}": f'SET ROLE "{other}"' for other in role["others"]}


def is_provisioner(role: dict[str, Any]) -> bool:
    """Say whether a role is the one that makes databases, and comes in by a certificate."""
    return "identity" in role


def looks(roles: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what each role is given, by its name."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip((role["user"] for role in roles), pool.map(look, roles), strict=True))


def connected(role: dict[str, Any], database: str) -> Any:
    """Return a connection of the role to a database, with the server's certificate checked. Raises psycopg.Error."""
    import psycopg

    names = {"sslcert": "identity", "sslkey": "identity"} if is_provisioner(role) else {"password": "password"}
    return psycopg.connect(
        **{name: role[key] for name, key in names.items()},
        host=role["host"],
        port=role["port"],
        user=role["user"],
        dbname=database,
        sslmode="verify-full",
        sslrootcert=role["authority"],
        connect_timeout=SECONDS,
        autocommit=True,
    )


def door(role: dict[str, Any], database: str) -> str:
    """Return how the role was refused at a foreign database: both locks are looked at, the outer one first.

    On a busy machine the server's last word may be lost with its connection: then it is asked once more, and again.
    """
    for _ in range(KNOCKS):
        outcome = _try_door(role, database)
        if not outcome.startswith(NOT_TRIED):
            break
    return outcome


def _try_door(role: dict[str, Any], database: str) -> str:
    import psycopg

    try:
        connected(role, database).close()
    except psycopg.OperationalError as error:
        message = str(error)
        if "pg_hba.conf" in message:
            return AT_THE_DOOR
        return INSIDE if "permission denied" in message else f"{NOT_TRIED}: {' '.join(message.split())[-200:]}"
    return LET_IN


def powers(role: dict[str, Any]) -> Iterator[str]:
    """Yield what the role may do that it must not, seen from its own database."""
    import psycopg

    provisions = is_provisioner(role)
    try:
        connection = connected(role, MAINTENANCE if provisions else role["user"])
    except psycopg.OperationalError as error:
        yield f"cannot be looked at: {str(error).strip().splitlines()[-1][:200]}"
        return
    with connection:
        if connection.execute(_POWERS, [provisions]).fetchone()[0]:
            yield "has powers over the server"
        yield from (f"is a member of {name}" for (name,) in connection.execute(_MEMBER_OF, [provisions]))
        for other in () if provisions else role["others"]:  # its owner may connect, and is kept out by the access rules
            if connection.execute(_MAY_CONNECT, (other,)).fetchone()[0]:
                yield f"may connect to {other}"
        yield from (deed for deed, statement in tries(role).items() if succeeds(connection, statement))


def succeeds(connection: Any, statement: str) -> bool:
    """Say whether a statement is let through; it is rolled back."""
    import psycopg

    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate not in REFUSALS
    return True


def servers_tried(order: dict[str, Any], swept: list[str], folder: Path) -> list[str]:
    """Return what each of the order's `servers` says to one who wants the server's whole write-ahead log.

    They are numbers of targets, of which `swept` says what they do: what is silent is not asked again. The certificate
    in `folder` is shown: "serves" when it is let in, else "refused".
    """
    reached_numbers = [number for number in order["servers"] if swept[number] != "silent"]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = dict(
            zip(
                reached_numbers,
                pool.map(partial(_try_replication, folder), (order["targets"][n] for n in reached_numbers)),
                strict=True,
            )
        )
    return [outcomes.get(number, "silent") for number in order["servers"]]


def _try_replication(folder: Path, server: list[Any]) -> str:
    import psycopg

    identity = folder / "client.pem"
    certificate_options = {"sslcert": str(identity), "sslkey": str(identity)} if identity.exists() else {}
    parameters: dict[str, Any] = {"host": server[0], "port": server[1], "user": "repl", "connect_timeout": SECONDS}
    try:
        psycopg.connect(**parameters, replication="true", sslmode="require", **certificate_options).close()
    except psycopg.OperationalError:
        return "refused"
    return "serves"
