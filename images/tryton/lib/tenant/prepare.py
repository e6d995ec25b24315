"""Prepare a tenant: role, database, modules, administrator. Run again, it changes only what differs.

Exit codes: 0 the tenant is as wanted, 1 it is not, with one line that says why.
"""

import sys
import time

import psycopg

from tenant import content, server, templates
from tenant.modules import closure, nearest_set
from tenant.wanted import Refused, Wanted, read


def main() -> int:
    """Do the job and say in one line how it ended."""
    started = time.monotonic()
    try:
        wanted = read()
        modules = closure(wanted.modules)
        changed = prepare(wanted, modules)
    except Refused as refused:
        return _failed(str(refused))
    except psycopg.Error as error:
        return _failed(f"the database reported: {' '.join(str(error).split())}")
    what = f"activated {', '.join(sorted(changed))}" if changed else "nothing to activate"
    print(f"prepare-tenant: {wanted.tenant} has its {len(modules)} modules, {what}, {time.monotonic() - started:.1f} s")
    return 0


def prepare(wanted: Wanted, modules: set[str]) -> set[str]:
    """Bring the tenant to what is wanted; return the modules that this run added."""
    with server.connect() as provisioner:
        server.lock(provisioner, wanted.tenant)
        server.have_role(provisioner, wanted)
        if server.is_frozen(provisioner, wanted.tenant):
            council = wanted.tenant.replace("_", "-")
            raise Refused(f"{council} is frozen; `moothall decommission {council} --thaw` has it changed again")
        have_database(provisioner, wanted, modules)
        with content.connect(wanted) as tenant:
            before = content.activated(tenant)
        if missing := modules - before:
            content.activate(wanted, missing)
        with content.connect(wanted) as tenant:
            complete(tenant, wanted, modules)
        server.mark(provisioner, wanted.tenant, server.READY)
    return missing


def have_database(provisioner: psycopg.Connection, wanted: Wanted, modules: set[str]) -> None:
    """Make the tenant's database from the nearest base set, unless there is a finished one."""
    found = server.state(provisioner, wanted.tenant)
    if found == server.READY:
        return
    if found is not None:
        _refuse_to_drop_data(found, wanted)
        server.drop_database(provisioner, wanted.tenant)
    template = templates.have_template(provisioner, nearest_set(modules))
    server.make_database(provisioner, wanted.tenant, template, templates.hand_over)


def complete(tenant: psycopg.Connection, wanted: Wanted, modules: set[str]) -> None:
    """See to what every tenant has, and compare the modules."""
    content.have_administrator(tenant, wanted)
    content.finish_wizard(tenant)
    activated = content.activated(tenant)
    if beyond := activated - modules:
        raise Refused(f"activated, but neither wanted nor needed: {', '.join(sorted(beyond))}")
    if lacking := modules - activated:
        raise Refused(f"wanted, but not activated: {', '.join(sorted(lacking))}")


def _refuse_to_drop_data(found: str, wanted: Wanted) -> None:
    """Let a database be dropped only when an interrupted job left it, or it is empty: all else is somebody's data."""
    if found == server.MAKING:
        return
    with content.connect(wanted) as tenant:
        if content.activated(tenant):
            raise Refused(f"the database {wanted.tenant} was not made by this job, and is left as it is")


def _failed(reason: str) -> int:
    """Say why the job failed."""
    print(f"prepare-tenant: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
