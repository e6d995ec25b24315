"""Removing a leaver's data from an instance: allowed when an export of exactly this data has been proved."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from moothall.leaving import manifest as manifests
from moothall.leaving.content import content, differences
from moothall.leaving.freezing import is_frozen
from moothall.leaving.manifest import content_of, unlike
from moothall.leaving.proof import is_proved, told
from moothall.leaving.server import Server, literal, name
from moothall.leaving.tenancy import Tenancy
from moothall.model.days import later
from moothall.model.units import seconds
from moothall.model.written import Council, Folder

_ROLE = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE usename = {}"


def kept_until(folder: Folder, council: Council) -> date | None:
    """Return the first day on which a council's data need not be kept any more; None for one that does not leave."""
    if council.leaves is None:
        return None
    terms = folder.partnership.exit
    return later(council.leaves, seconds(terms.keep) if terms else 0)


def unproved(folder: Path, council: Council) -> str:
    """Return why an export is no ground for removing a council's data; empty when it is. Raises `CouldNotRun`."""
    manifest = manifests.read(folder)
    if manifest["council"]["uid"] != council.metadata.uid:
        return f"{folder} is the export of {manifest['council']['name']}"
    if wrong := unlike(folder, manifest):
        return f"{folder} is not as it was exported: {told(wrong)}"
    if not is_proved(folder):
        return f"{folder} has no proof that it can be restored: proof.json is missing, of another export, or not passed"
    return ""


def unexported(folder: Path, server: Server, tenancy: Tenancy) -> str:
    """Return what of a tenancy's data the export does not hold; empty when it holds all, or there is none any more."""
    if is_frozen(server, tenancy.database) is None:
        return ""
    tenant = manifests.read(folder)["tenants"].get(tenancy.instance)
    if tenant is None:
        return f"{folder} holds nothing of {tenancy.instance}"
    wrong = differences(content_of(tenant), content(server, tenancy.database))
    return f"{tenancy.subject} has changed since it was exported: {told(wrong)}" if wrong else ""


def remove(server: Server, database: str) -> bool:
    """Drop a tenant's database and role, which its mirror follows; say whether there was a database."""
    there = is_frozen(server, database) is not None
    server.ask("postgres", f"DROP DATABASE IF EXISTS {name(database)} WITH (FORCE)")
    server.ask("postgres", _ROLE.format(literal(database)), f"DROP ROLE IF EXISTS {name(database)}")
    return there
