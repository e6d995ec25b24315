"""Databases and roles on a server, by name: made, renamed, frozen, removed, all of it from outside.

Each function takes a session of the provisioner, which owns the databases and can do with a tenant's role what the
functions in images/postgres/lib/roles.sql do; and raises Inconclusive.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from moothall.failures import Inconclusive
from moothall.postgres.session import NUMBER, Session

READY = "moothall: ready"
"""The mark by which the preparing job knows a finished database (images/tryton/lib/tenant/server.py)."""
RENAME_SECONDS = 20.0
"""How long a database may stay in use whose name is to change."""
FREEZE_SECONDS = 60.0
"""How long somebody may stay in a database that is frozen."""
LOGIN_SECONDS = 6.0
"""How long it is certain that a login has ended which had begun before: `authentication_timeout`, and one second."""
_PAUSE_SECONDS = 0.2
_NOBODY_CONNECTIONS = 40
"""The limit of a role that comes in over the socket alone; the preparing job sets its own."""
_EXISTS = "SELECT 1 FROM pg_database WHERE datname = :'name'"
_ROLE_EXISTS = "SELECT 1 FROM pg_roles WHERE rolname = :'name'"
_ENSURE_ROLE = "SELECT moothall.have_tenant(:'name', NULL, :'connections')"
_FREEZE = "SELECT moothall.set_frozen(:'name', :'frozen')"
_FROZEN = """\
SELECT pg_has_role(rolname, 'moothall.frozen', 'MEMBER'), (
    SELECT count(*) FROM pg_stat_activity WHERE usename IS NOT NULL AND :'name' IN (datname, usename)
) FROM pg_roles WHERE rolname = :'name'
"""
# Processes of the server's own have no user, and nobody but a superuser may end them.
_END = """\
SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
WHERE usename IS NOT NULL AND :'name' IN (datname, usename)
"""
_CREATE = """\
SELECT moothall.take(:'name');
DROP DATABASE IF EXISTS :"name" WITH (FORCE);
CREATE DATABASE :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE :"name" TO :"tenant";
"""
_DROP = """\
SELECT moothall.take(:'name');
DROP DATABASE IF EXISTS :"name" WITH (FORCE);
"""
_DROP_ROLE = """\
SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE usename = :'name';
SELECT moothall.drop_tenant(:'name');
"""
_OTHERS = "SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1', :'only')"
_DROP_ANY = """\
SELECT moothall.take(:'name');
ALTER DATABASE :"name" IS_TEMPLATE false;
DROP DATABASE :"name" WITH (FORCE);
"""
# LIKE would take the _ of one for a letter of another.
_FORMER_NAMES = """\
SELECT datname FROM pg_database
WHERE datname ~ ('^' || :'name' || '[.]before-[0-9]{8}t[0-9]{6}$') ORDER BY 1
"""
_NAMES = """\
SELECT datname FROM pg_database WHERE datname = :'name' OR starts_with(datname, :'name' || '.') ORDER BY 1
"""
_LEAVE = """\
SELECT moothall.take(:'name'), moothall.take(:'source');
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IS NOT NULL AND datname IN (:'name', :'source');
"""
_RENAME = 'ALTER DATABASE :"name" RENAME TO :"kept";\n'
_TAKE = 'ALTER DATABASE :"source" RENAME TO :"name";\n'
_MARK = "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = :'name'"


def exists(session: Session, name: str) -> bool:
    """Say whether there is a database of a name."""
    return bool(session.rows(_EXISTS, name=name))


def freeze(session: Session, name: str) -> int:
    """Let a tenant's role in from nowhere but the server's socket, and end what is there; return how many connections.

    It is done when nobody is in, and no login can be under way that began before. Raises Inconclusive when somebody
    stays.
    """
    session.run(_FREEZE, name=name, frozen="true")
    start_time, ended_count = time.monotonic(), 0
    while True:
        [count] = session.row(_END, NUMBER, name=name)
        ended_count += int(count)
        waited_seconds = time.monotonic() - start_time
        if count == "0" and waited_seconds > LOGIN_SECONDS:
            return ended_count
        if waited_seconds > FREEZE_SECONDS:
            raise Inconclusive(f"{name} lets nobody in any more, and somebody is still there")
        time.sleep(_PAUSE_SECONDS)


def thaw(session: Session, name: str) -> None:
    """Let a tenant's role in again wherever it is let in."""
    session.run(_FREEZE, name=name, frozen="false")


def is_frozen(session: Session, name: str) -> bool | None:
    """Say whether a tenant is frozen, and nobody is in its database; None when there is no role of the name."""
    return next((row == ["t", "0"] for row in session.rows(_FROZEN, name=name)), None)


def create(session: Session, name: str, tenant: str) -> None:
    """Create an empty database, in place of one of that name, to which one tenant's role alone may connect."""
    session.run(_CREATE, name=name, tenant=tenant)


def ensure_role(session: Session, name: str) -> None:
    """Make a tenant's role that has no password, unless there is one of the name."""
    if not session.rows(_ROLE_EXISTS, name=name):
        session.run(_ENSURE_ROLE, name=name, connections=str(_NOBODY_CONNECTIONS))


def mark_ready(session: Session, name: str) -> None:
    """Mark a database as one that the preparing job takes for finished."""
    session.run("COMMENT ON DATABASE :\"name\" IS :'mark'", name=name, mark=READY)


def mark_of_role(session: Session, name: str) -> str:
    """Return the comment on a role, which says whose it is; empty where there is none, or no such role."""
    return next(iter(session.texts(_MARK, name=name)), "")


def drop(session: Session, names: Iterable[str]) -> None:
    """Drop databases and end their connections; missing ones are ignored."""
    for name in names:
        session.run(_DROP, name=name)


def drop_role(session: Session, name: str) -> None:
    """Drop a role and end its connections."""
    session.run(_DROP_ROLE, name=name)


def drop_all_but(session: Session, excluded_name: str) -> None:
    """Drop every database but one and the server's own, templates too."""
    for name in session.texts(_OTHERS, only=excluded_name):
        session.run(_DROP_ANY, name=name)


def former_names(session: Session, name: str) -> tuple[str, ...]:
    """Return the names under which former states of a database are kept, the newest last."""
    return tuple(session.texts(_FORMER_NAMES, name=name))


def names_of(session: Session, tenant: str) -> tuple[str, ...]:
    """Return the names of all databases of a tenant: the live one, former states of it, and what is half restored."""
    return tuple(session.texts(_NAMES, name=tenant))


def exchange(session: Session, name: str, source: str, former_name: str) -> bool:
    """Give the database `source` a name, and the one that has it the name `former_name`; say whether there was one.

    Both change names in one transaction. Raises Inconclusive when one of them stays in use.
    """
    had_database = exists(session, name)
    script = "".join([_LEAVE, "BEGIN;\n", *([_RENAME] if had_database else []), _TAKE, "COMMIT"])
    _run_when_left(session, script, name=name, source=source, kept=former_name)
    return had_database


def set_aside(session: Session, name: str, former_name: str) -> None:
    """Give a database the name of a former one, so that there is none of its own. Raises Inconclusive when it stays in
    use."""
    _run_when_left(session, _LEAVE + _RENAME, name=name, source=name, kept=former_name)


def _run_when_left(session: Session, script: str, **values: str) -> None:
    """Run a script that needs databases without users, again and again until they have left."""
    deadline = time.monotonic() + RENAME_SECONDS
    while True:
        try:
            session.run(script, **values)
        except Inconclusive:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def analyze(session: Session) -> None:
    """Have the server count what is in the database of a tenant's session."""
    session.run("ANALYZE")
