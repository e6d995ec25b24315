"""Tryton's server configuration for one tenant."""

from __future__ import annotations

from textwrap import dedent


def application(database: str, password: str) -> str:
    """Return `trytond.conf`; `password` is the marker of the tenant role's password.

    `list` with `default_name` lets the login form show the tenant's one database, and no other.
    `clean_timeout = 0` makes a module enabled on the live tenant answer at once.
    """
    uri = f"postgresql://{database}:{password}@pg:5432/?sslmode=verify-full&sslrootcert=/cfg/ca.crt"
    return dedent(f"""\
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
        """)
