"""The probe's tries to sign in at a database server: with a password, or with a certificate.

It is copied into the container, whose Python has psycopg 3. Nothing is asked there: being let in is what is looked for.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

SECONDS = 10
AT_ONCE = 4
SERVES, REFUSED, SILENT = "serves", "refused", "silent"
_OF_A_SERVER = ("FATAL", "SSL error", "SSL SYSCALL error")
"""What libpq says where a server refuses somebody, or ends the connection because of a certificate."""


def logins(order: dict[str, Any], folder: Path) -> list[str]:
    """Return what came of each of the order's logins: serves, refused, or silent where no server was reached.

    Each says host, port, user and database, and a password or that the certificate in `folder` is shown.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(partial(_log_in, folder), order["logins"]))


def _log_in(folder: Path, login: dict[str, Any]) -> str:
    import psycopg

    identity = str(folder / "client.pem")
    shown = {"password": login["password"]} if "password" in login else {"sslcert": identity, "sslkey": identity}
    try:
        psycopg.connect(
            host=login["host"],
            port=login["port"],
            user=login["user"],
            dbname=login["database"],
            sslmode="verify-ca",
            sslrootcert=str(folder / "ca.crt"),
            connect_timeout=SECONDS,
            **shown,
        ).close()
    except psycopg.OperationalError as error:
        return REFUSED if any(word in str(error) for word in _OF_A_SERVER) else SILENT
    return SERVES
