"""Template databases: each base set is restored once in an instance's cluster, and copied for every tenant.

A template belongs to the provisioner, and what is inside to a role that comes into templates and fresh copies of them
alone. There it gives all that it owns to the tenant, as which it may act only while the tenant has no database.
"""

import hashlib
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from tenant import server
from tenant.wanted import Refused

OWNER = "moothall.base_sets"


def have_template(provisioner: psycopg.Connection, base_set: Path) -> str:
    """Return the name of the template database of this base set, made now if the cluster has none yet.

    The name carries a digest of the dump, so a new image brings a new template. Raises `Refused` when pg_restore fails.
    """
    name = f"moothall.{base_set.stem}.{hashlib.sha256(base_set.read_bytes()).hexdigest()[:12]}"
    server.lock(provisioner, name)
    if server.state(provisioner, name) != server.READY:
        _make(provisioner, name, base_set)
    server.let_go(provisioner, name)  # copies of it are made side by side
    return name


def hand_over(provisioner: psycopg.Connection, copy: str, tenant: str) -> None:
    """Give everything inside a copy to the tenant."""
    lend, close = "SELECT moothall.set_lent(%s, %s)", sql.SQL("REVOKE ALL ON DATABASE {} FROM {}")
    server.let_in(provisioner, copy, OWNER)
    provisioner.execute(lend, [tenant, True])
    with _connect(copy) as inside:
        inside.execute(sql.SQL("REASSIGN OWNED BY CURRENT_USER TO {}").format(sql.Identifier(tenant)))
    provisioner.execute(lend, [tenant, False])
    provisioner.execute(close.format(sql.Identifier(copy), sql.Identifier(OWNER)))


def _make(provisioner: psycopg.Connection, name: str, base_set: Path) -> None:
    template = sql.Identifier(name)
    # What an interrupted job left is a template too, maybe, and then cannot be dropped before it is none.
    if server.state(provisioner, name) is not None:
        provisioner.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false ALLOW_CONNECTIONS true").format(template))
        provisioner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(template))
    server.when_unused(provisioner, sql.SQL("CREATE DATABASE {}").format(template))
    server.let_in(provisioner, name, OWNER)
    _restore(name, base_set)
    with _connect(name) as inside:
        inside.execute("ANALYZE")
    provisioner.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true ALLOW_CONNECTIONS false").format(template))
    server.mark(provisioner, name, server.READY)


def _connect(database: str) -> psycopg.Connection:
    return server.patiently(lambda: psycopg.connect(server.address(OWNER, database), autocommit=True))


def _restore(name: str, base_set: Path) -> None:
    command = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    address = server.address(OWNER, name, server.PATIENCE)
    done = subprocess.run([*command, "-d", address, str(base_set)], check=False, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        reason = said[-1].strip() if said else "no reason was given"
        raise Refused(f"the base set {base_set.stem} could not be restored: {reason}")
