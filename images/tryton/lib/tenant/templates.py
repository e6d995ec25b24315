"""Template databases: each base set is restored once in an instance's cluster, and copied for every tenant.

A template belongs to the provisioner and what is inside to a role that cannot log in: so handing the inside of a copy
to a tenant (`REASSIGN OWNED`, which also moves databases of that role) touches nothing but the copy.
"""

import hashlib
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from tenant import server
from tenant.wanted import Refused

OWNER = "base_sets"


def have_template(provisioner: psycopg.Connection, base_set: Path) -> str:
    """Return the name of the template database of this base set, made now if the cluster has none yet.

    The name carries a digest of the dump, so a new image brings a new template. Raises `Refused` when pg_restore fails.
    """
    name = f"{base_set.stem}.{hashlib.sha256(base_set.read_bytes()).hexdigest()[:12]}"
    server.lock(provisioner, name)
    if server.state(provisioner, name) != server.READY:
        _make(provisioner, name, base_set)
    server.let_go(provisioner, name)  # copies of it are made side by side
    return name


def hand_over(copy: str, tenant: str) -> None:
    """Give everything inside a copy to the tenant."""
    owner = sql.Identifier(OWNER)
    with server.connect(copy) as inside:
        inside.execute(sql.SQL("REASSIGN OWNED BY {} TO {}").format(owner, sql.Identifier(tenant)))
        inside.execute(sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(owner))


def _make(provisioner: psycopg.Connection, name: str, base_set: Path) -> None:
    _have_owner(provisioner)
    template = sql.Identifier(name)
    # What an interrupted job left is a template too, maybe, and then cannot be dropped before it is none.
    if server.state(provisioner, name) is not None:
        provisioner.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false ALLOW_CONNECTIONS true").format(template))
        provisioner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(template))
    provisioner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(template))
    provisioner.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(template))
    with server.connect(name) as inside:
        inside.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(OWNER)))
        _restore(name, base_set)
        inside.execute("ANALYZE")
    provisioner.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true ALLOW_CONNECTIONS false").format(template))
    server.mark(provisioner, name, server.READY)


def _have_owner(provisioner: psycopg.Connection) -> None:
    """Have the role to which the inside of templates belongs; the provisioner acts as it while restoring."""
    owner = sql.Identifier(OWNER)
    server.lock(provisioner, OWNER)  # jobs that make different templates at once would both make the role
    if not provisioner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
        provisioner.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(owner))
    provisioner.execute(sql.SQL("GRANT {} TO provisioner").format(owner))
    server.let_go(provisioner, OWNER)


def _restore(name: str, base_set: Path) -> None:
    command = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    address = server.address(name, server.PATIENCE)
    done = subprocess.run(
        [*command, f"--role={OWNER}", "-d", address, str(base_set)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        reason = said[-1].strip() if said else "no reason was given"
        raise Refused(f"the base set {base_set.stem} could not be restored: {reason}")
