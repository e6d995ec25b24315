"""Databases and roles on a server, by name: made, renamed, frozen, removed.

Each function takes a session on the server's maintenance database, as a role that may do it, and raises Inconclusive.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from moothall.failures import Inconclusive
from moothall.postgres.session import Session

READY = "moothall: ready"
"""The mark by which the preparing job knows a finished database (images/tryton/lib/tenant/server.py)."""
RENAME_SECONDS = 20.0
"""How long a database may stay in use whose name is to change."""
_PAUSE_SECONDS = 0.2
_EXISTS = "SELECT 1 FROM pg_database WHERE datname = :'name'"
_ROLE_EXISTS = "SELECT 1 FROM pg_roles WHERE rolname = :'name'"
_LIMIT = "SELECT datconnlimit FROM pg_database WHERE datname = :'name'"
_END = """\
SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
WHERE datname = :'name' AND usename <> 'postgres'
"""
_CREATE = """\
DROP DATABASE IF EXISTS :"name" WITH (FORCE);
CREATE DATABASE :"name" OWNER :"owner" TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
"""
_DROP_ROLE = """\
SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE usename = :'name';
DROP ROLE IF EXISTS :"name";
"""
_OTHERS = "SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1', :'only')"
_DROP_ANY = """\
ALTER DATABASE :"name" IS_TEMPLATE false;
DROP DATABASE :"name" WITH (FORCE);
"""
# LIKE would take the _ of one for a letter of another.
_FORMER_NAMES = """\
SELECT datname FROM pg_database
WHERE datname ~ ('^' || :'name' || '[.]before-[0-9]{8}t[0-9]{6}$') ORDER BY 1
"""
_OWNED = """\
SELECT datname FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE rolname = :'name' ORDER BY 1
"""
_LEAVE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (:'name', :'source');\n"
_RENAME = 'ALTER DATABASE :"name" RENAME TO :"kept";\n'
_TAKE = 'ALTER DATABASE :"source" RENAME TO :"name";\n'
_MARK = "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = :'name'"


def exists(session: Session, name: str) -> bool:
    """Say whether there is a database of a name."""
    return bool(session.rows(_EXISTS, name=name))


def freeze(session: Session, name: str) -> int:
    """Let nobody into a database but a superuser, and end what is there; return how many connections were ended."""
    session.run('ALTER DATABASE :"name" CONNECTION LIMIT 0', name=name)
    [[count]] = session.rows(_END, name=name)
    return int(count)


def thaw(session: Session, name: str) -> None:
    """Let everybody into a database again whom it lets in."""
    session.run('ALTER DATABASE :"name" CONNECTION LIMIT -1', name=name)


def is_frozen(session: Session, name: str) -> bool | None:
    """Say whether a database is frozen; None when there is none of the name."""
    return next((limit == "0" for [limit] in session.rows(_LIMIT, name=name)), None)


def create(session: Session, name: str, owner: str) -> None:
    """Create an empty database of a role, in place of one of that name, to which no other role may connect."""
    session.run(_CREATE, name=name, owner=owner)


def allow_creating(session: Session, name: str, role: str) -> None:
    """Let a role make schemas in a database."""
    session.run('GRANT CREATE ON DATABASE :"name" TO :"role"', name=name, role=role)


def ensure_role(session: Session, name: str) -> None:
    """Make a role that cannot log in, unless there is one of the name."""
    if not session.rows(_ROLE_EXISTS, name=name):
        session.run('CREATE ROLE :"name" NOLOGIN', name=name)


def mark_ready(session: Session, name: str) -> None:
    """Mark a database as one that the preparing job takes for finished."""
    session.run("COMMENT ON DATABASE :\"name\" IS :'mark'", name=name, mark=READY)


def mark_of_role(session: Session, name: str) -> str:
    """Return the comment on a role, which says whose it is; empty where there is none, or no such role."""
    return next((mark for [mark] in session.rows(_MARK, name=name)), "")


def drop(session: Session, names: Iterable[str]) -> None:
    """Drop databases and end their connections; missing ones are ignored."""
    for name in names:
        session.run('DROP DATABASE IF EXISTS :"name" WITH (FORCE)', name=name)


def drop_role(session: Session, name: str) -> None:
    """Drop a role and end its connections."""
    session.run(_DROP_ROLE, name=name)


def drop_all_but(session: Session, excluded_name: str) -> None:
    """Drop every database but one and the server's own, templates too."""
    for [name] in session.rows(_OTHERS, only=excluded_name):
        session.run(_DROP_ANY, name=name)


def former_names(session: Session, name: str) -> tuple[str, ...]:
    """Return the names under which former states of a database are kept, the newest last."""
    return tuple(former_name for [former_name] in session.rows(_FORMER_NAMES, name=name))


def owned_names(session: Session, role: str) -> tuple[str, ...]:
    """Return the names of all databases of a role: the live one, former states of it, and what is half restored."""
    return tuple(name for [name] in session.rows(_OWNED, name=role))


def exchange(session: Session, name: str, source: str, former_name: str) -> bool:
    """Give the database `source` a name, and the one that has it the name `former_name`; say whether there was one.

    Both change names in one transaction. Raises Inconclusive when one of them stays in use.
    """
    had_database = exists(session, name)
    script = "".join([_LEAVE, "BEGIN;\n", *([_RENAME] if had_database else []), _TAKE, "COMMIT"])
    deadline = time.monotonic() + RENAME_SECONDS
    while True:
        try:
            session.run(script, name=name, source=source, kept=former_name)
        except Inconclusive:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return had_database


def analyze(session: Session) -> None:
    """Have the server count what is in the session's database."""
    session.run("ANALYZE")
