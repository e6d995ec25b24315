"""Tryton's server configuration for one tenant."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

SESSION_SECONDS = 300
PASSWORD_LENGTH = 8
"""What trytond 8.0 does by itself; it is not written down."""


def application(server: str, database: str, password: str, session_seconds: int, password_length: int) -> str:
    """Return `trytond.conf`; `server` is the alias of the database server, `password` the marker of the tenant role's.

    `list` with `default_name` lets the login form show the tenant's one database, and no other.
    `clean_timeout = 0` has trytond listen for what other processes changed. A word that comes while it answers another
    one is read only after `select_timeout` seconds, 60 unless set (trytond/cache.py of 8.0).
    What people attach is kept in the database, where mirror, backups and exports have it; trytond 8.0 would keep it
    below `path`, in the container's memory (docs.tryton.org, server configuration, section `attachment`).
    """
    uri = f"postgresql://{database}:{password}@{server}:5432/?sslmode=verify-full&sslrootcert=/cfg/ca.crt"
    text = dedent(f"""\
        [database]
        uri = {uri}
        list = True
        default_name = {database}
        path = /var/lib/trytond
        [web]
        root = /srv/sao
        num_proxies = 1
        [cache]
        clean_timeout = 0
        select_timeout = 5
        [attachment]
        filestore = False
        [document_incoming]
        filestore = False
        [inbound_email]
        filestore = False
        """)
    return text + "".join(_settings(session_seconds, password_length))


def _settings(session_seconds: int, password_length: int) -> Iterator[str]:
    if session_seconds != SESSION_SECONDS:
        yield f"[session]\ntimeout = {session_seconds}\n"
    if password_length != PASSWORD_LENGTH:
        yield f"[password]\nlength = {password_length}\n"
