"""What is inside a tenant's database, made and changed as the tenant's own role."""

import os
import subprocess
from pathlib import Path

import psycopg
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from tenant.server import CONNECT_SECONDS, TLS, patiently
from tenant.wanted import Refused, Wanted

SCRATCH = Path("/tmp")
PASSWORDS = PasswordHash([Argon2Hasher()])
"""The same hashing that trytond 8.0 uses (trytond/res/user.py), without the second that loading trytond takes."""


def connect(wanted: Wanted) -> psycopg.Connection:
    """Connect to the tenant's database as the tenant. Raises `Refused` when the server never answers."""
    return patiently(lambda: psycopg.connect(_address(wanted), password=wanted.database_password, autocommit=True))


def activate(wanted: Wanted, modules: set[str]) -> None:
    """Activate modules with trytond-admin. Some faults it only logs, and ends well: its log must hold no error.

    trytond asks the catalogue thousands of times: without statistics that takes many minutes.
    """
    with connect(wanted) as tenant:
        tenant.execute("ANALYZE")
    command = ["trytond-admin", "-c", str(_configuration(wanted)), "-d", wanted.tenant, "-u", *sorted(modules)]
    done = subprocess.run(
        [*command, "--activate-dependencies", "--email", wanted.admin_email],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "TRYTONPASSFILE": "/cfg/admin-password"},
    )
    if done.returncode or " ERROR " in done.stderr:
        raise Refused(f"trytond could not activate {', '.join(sorted(modules))}: {_last(done.stderr)}")


def activated(tenant: psycopg.Connection) -> set[str]:
    """Return the modules that are activated; none when the database is empty."""
    if not tenant.execute("SELECT to_regclass('public.ir_module')").fetchone()[0]:
        return set()
    return {row[0] for row in tenant.execute("SELECT name FROM public.ir_module WHERE state = 'activated'")}


def have_administrator(tenant: psycopg.Connection, wanted: Wanted) -> None:
    """Give the user `admin` the wanted password and address, unless it has them."""
    row = tenant.execute("SELECT password_hash, email FROM public.res_user WHERE login = 'admin'").fetchone()
    if row is None:
        raise Refused("the tenant's database has no user admin")
    if row[0] and row[1] == wanted.admin_email and PASSWORDS.verify(wanted.admin_password, row[0]):
        return
    tenant.execute(
        "UPDATE public.res_user SET password_hash = %s, email = %s WHERE login = 'admin'",
        [PASSWORDS.hash(wanted.admin_password), wanted.admin_email],
    )


def passfile(password: str) -> Path:
    """Write the tenant's password where libpq is told to look: the container's memory, gone when the job ends."""
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    return _write("pgpass", f"*:*:*:*:{escaped}\n")


def finish_wizard(tenant: psycopg.Connection) -> None:
    """Mark the items of the "Module Configuration" wizard as done: nobody should meet it at the first login."""
    tenant.execute("UPDATE public.ir_module_config_wizard_item SET state = 'done' WHERE state <> 'done'")


def _address(wanted: Wanted) -> str:
    """Return how the tenant's database is reached, without the password."""
    own = f"user={wanted.tenant} dbname={wanted.tenant} options=-csearch_path=pg_catalog,pg_temp"
    return f"{TLS} connect_timeout={CONNECT_SECONDS} {own}"


def _configuration(wanted: Wanted) -> Path:
    """Write trytond's configuration; libpq knows the server from PGHOST.

    clean_timeout = 0 tells running applications of new modules at once.
    """
    secret = passfile(wanted.database_password)
    uri = f"postgresql://{wanted.tenant}@/?sslmode=verify-full&sslrootcert=/cfg/ca.crt&passfile={secret}"
    return _write("trytond.conf", f"[database]\nuri = {uri}\n[cache]\nclean_timeout = 0\n")


def _write(name: str, content: str) -> Path:
    """Write a file that only this job may read."""
    path = SCRATCH / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(content)
    return path


def _last(log: str) -> str:
    """Return the last line of a program's log that says something."""
    lines = [line for line in log.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no reason was given"
