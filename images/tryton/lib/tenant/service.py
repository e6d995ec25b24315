"""The WSGI application of a tenant: trytond, and in front of it `GET /<tenant>/ready` for health checks.

The proxies ask every two seconds. An RPC would do as a question, but trytond logs an error for each session that it
does not know, and there is no session without a credential.
"""

import os
import threading

import psycopg
from trytond.application import app as trytond
from trytond.transaction import Transaction

TENANT = os.environ["TRYTOND_DATABASE_NAMES"]
ASKING = threading.Lock()
"""One question at a time: while the database is silent, questions must not take all threads of the service."""


def app(environ, start_response):
    """Answer a health check, hand everything else to trytond."""
    if environ["PATH_INFO"] == f"/{TENANT}/ready" and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
        return _answer(ready(), start_response)
    return trytond(environ, start_response)


def ready() -> bool:
    """Say whether trytond's own connections reach the tenant's database and may write there (it is no standby)."""
    if not ASKING.acquire(blocking=False):
        return False
    try:
        with Transaction().start(TENANT, 0, readonly=True) as transaction:
            cursor = transaction.connection.cursor()
            cursor.execute("SELECT NOT pg_is_in_recovery()")
            return bool(cursor.fetchone()[0])
    # Whatever keeps the database from answering, the answer is the same; the reason is in PostgreSQL's log.
    except psycopg.Error:
        return False
    finally:
        ASKING.release()


def _answer(good: bool, start_response):
    """Send 200 or 503 with one word."""
    body = b"ready\n" if good else b"not ready\n"
    start_response(
        "200 OK" if good else "503 Service Unavailable",
        [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))],
    )
    return [body]
