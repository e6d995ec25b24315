"""A program that stands in front of the one which prepares a tenant: is the data under the tenant's name its own?

`claim.py COMMAND` runs the command unless the data is another council's, and afterwards writes the council's mark on
the role that owns it. Not on the database: a restore or a cut-over puts another one in its place, and the tenant
itself may write there. It is sent with the job and not built into the image, whose every change replaces all
applications. No long word of it may be one of a message: it lies among secret files, whose words are taken out.

Exit codes: that of the command, or 1 with one line that says why.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psycopg
from tenant import server
from tenant.wanted import Refused

REQUEST = Path("/cfg/tenant.json")


def main(command: list[str]) -> int:
    """Run the command where it may, and say in one line why it may not."""
    request = json.loads(REQUEST.read_text())
    role, own = request["tenant"], request["mark"]
    try:
        refuse_anothers(role, own)
        if code := subprocess.call(command):
            return code
        mark(role, own)
    except (Refused, psycopg.Error) as error:
        print(f"{Path(command[0]).name}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0


def refuse_anothers(role: str, own: str) -> None:
    """Raise `Refused` when the role has another council's mark; without one, as of old, it is the council's own."""
    with server.connect() as provisioner:
        row = provisioner.execute(
            "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %s", [role]
        ).fetchone()
    found = (row and row[0]) or own
    if found != own:
        raise Refused(
            f"the database {role} holds the data of another council, with the uid {found.rpartition(' ')[2]}: "
            "give this council another name, or remove that data first (see leaving.md)"
        )


def mark(role: str, own: str) -> None:
    """Write on the role whose it is."""
    with server.connect() as provisioner:
        provisioner.execute("SELECT moothall.mark_tenant(%s, %s)", [role, own])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
