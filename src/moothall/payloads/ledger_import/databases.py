"""The databases of a tenant that is cut over: a copy to rehearse in, one from before the import, and exchanging them.

The provisioner copies, renames and drops them from outside; whoever looks into one is the tenant, and opens a door to
it. PostgreSQL copies or renames a database only while nobody is connected: the tenant's connections are ended for that
moment, and its application makes new ones (new connections wait while PostgreSQL holds the database).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql
from tenant import server

REHEARSAL, BEFORE, UNDONE = "rehearsal", "before", "undone"
PASSWORD = Path("/cfg/database-password")
_PAUSE_SECONDS = 0.05


@contextmanager
def holding(tenant: str) -> Iterator[psycopg.Connection]:
    """Give the provisioner's connection, with the tenant held."""
    with server.connect() as provisioner:
        server.lock(provisioner, tenant)
        yield provisioner


@contextmanager
def door(provisioner: psycopg.Connection, tenant: str, database: str) -> Iterator[None]:
    """Let the tenant's role into a database beside its own for as long as this lasts; a killed job leaves it open."""
    words = "SELECT moothall.set_door(%s, %s, %s)"
    provisioner.execute(words, [tenant, database, True])
    try:
        yield
    finally:
        provisioner.execute(words, [tenant, database, False])


def beside(tenant: str, which: str) -> str:
    """Return the name of a database beside the tenant's own."""
    return f"{tenant}.{which}"


def now(connection: psycopg.Connection) -> str:
    """Return when the transaction under way began, in the form in which Tryton dates records (ISO 8601, UTC)."""
    row = connection.execute("SELECT CURRENT_TIMESTAMP::timestamp").fetchone()
    moment: datetime = row[0] if row else datetime.min
    return moment.isoformat()


def drop(provisioner: psycopg.Connection, name: str) -> None:
    """Drop a database, if there is one, whoever owns it."""
    provisioner.execute("SELECT moothall.take(%s)", [name])
    provisioner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def copy(provisioner: psycopg.Connection, tenant: str, which: str) -> str:
    """Make a copy of the tenant's database, closed to all but its role, and return its name.

    It is marked as being made: what an interrupted job leaves is never taken for anything else.
    """
    name = beside(tenant, which)
    drop(provisioner, name)
    words = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(tenant))
    with _without_connections(tenant):
        provisioner.execute(words)
    server.mark(provisioner, name, server.MAKING)
    server.let_in(provisioner, name, tenant)
    return name


def allow_note(provisioner: psycopg.Connection, tenant: str) -> None:
    """Let the tenant write the note on the copy from before: within the transaction of the import, which is its own."""
    provisioner.execute("SELECT moothall.give(%s, %s)", [beside(tenant, BEFORE), tenant])


def put_back(provisioner: psycopg.Connection, tenant: str, since: datetime, but_at: datetime) -> int:
    """Put the database from before the import in the place of the tenant's own, which is dropped.

    Only when nobody can enter it any more is it certain that nobody has posted at the last moment: then everything is
    as it was, and the number of those postings is returned.
    """
    before_name, undone_name = beside(tenant, BEFORE), beside(tenant, UNDONE)
    drop(provisioner, undone_name)
    note = server.state(provisioner, before_name) or ""
    provisioner.execute("SELECT moothall.take(%s)", [before_name])  # only an owner can give it another name
    _exchange(provisioner, tenant, before_name, undone_name, note)
    with door(provisioner, tenant, undone_name):
        missed_count = _count_posted_moves(tenant, undone_name, since, but_at)
    if missed_count:
        _exchange(provisioner, tenant, undone_name, before_name, note)
        allow_note(provisioner, tenant)
        return missed_count
    drop(provisioner, undone_name)
    return 0


def _exchange(provisioner: psycopg.Connection, tenant: str, incoming: str, outgoing: str, note: str) -> None:
    """Let one database take the tenant's name, and the one that has it another; `note` is what the latter says."""
    own_name = sql.Identifier(tenant)
    with _without_connections(tenant), provisioner.transaction():
        provisioner.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(own_name, sql.Identifier(outgoing)))
        provisioner.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(incoming), own_name))
        server.mark(provisioner, outgoing, note)
        server.mark(provisioner, tenant, server.READY)


def _count_posted_moves(tenant: str, database: str, since: datetime, but_at: datetime) -> int:
    """Return how many moves were posted in a database that nobody can use any more; see `tryton.changed`."""
    words = """SELECT count(*) FROM public.account_move WHERE state = 'posted' AND (
        create_date > %(since)s AND create_date <> %(but)s OR write_date > %(since)s AND write_date <> %(but)s)"""
    password = PASSWORD.read_text(encoding="utf-8").strip()
    with server.patiently(lambda: psycopg.connect(_address(tenant, database), password=password)) as connection:
        row = connection.execute(words, {"since": since, "but": but_at}).fetchone()
    return int(row[0]) if row else 0


def _address(tenant: str, database: str) -> str:
    return f"{server.TLS} user={tenant} dbname={database} options=-csearch_path=pg_catalog,pg_temp"


@contextmanager
def _without_connections(tenant: str) -> Iterator[None]:
    """End every connection to the tenant's database, again and again, for as long as this lasts."""
    finished = threading.Event()
    with server.connect() as other:
        ending = threading.Thread(target=_end_connections, args=(other, tenant, finished))
        ending.start()
        try:
            yield
        finally:
            finished.set()
            ending.join()


def _end_connections(other: psycopg.Connection, tenant: str, finished: threading.Event) -> None:
    while not finished.is_set():
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [tenant])
        finished.wait(_PAUSE_SECONDS)
