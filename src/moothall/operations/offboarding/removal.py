"""Removing a leaver's data from an instance: allowed when an export of exactly this data has been proved."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from moothall.model.days import day_after
from moothall.model.units import seconds
from moothall.model.written import Council, Folder
from moothall.operations.offboarding import manifest as manifests
from moothall.operations.offboarding.manifest import content_of, find_deviations
from moothall.operations.offboarding.proof import describe_deviations, is_proved
from moothall.operations.offboarding.tenancy import Tenancy
from moothall.postgres import databases
from moothall.postgres.content import content, differences
from moothall.postgres.server import DatabaseServer


def retention_end(folder: Folder, council: Council) -> date | None:
    """Return the first day on which a council's data need not be kept any more; None for one that does not leave."""
    if council.leaves is None:
        return None
    terms = folder.partnership.exit
    return day_after(council.leaves, seconds(terms.keep) if terms else 0)


def reason_unproved(folder: Path, council: Council) -> str:
    """Return why an export is no ground for removing a council's data; empty when it is. Raises `Inconclusive`."""
    manifest = manifests.read(folder)
    if manifest["council"]["uid"] != council.metadata.uid:
        return f"{folder} is the export of {manifest['council']['name']}"
    if deviations := find_deviations(folder, manifest):
        return f"{folder} is not as it was exported: {describe_deviations(deviations)}"
    if not is_proved(folder):
        return f"{folder} has no proof that it can be restored: proof.json is missing, of another export, or not passed"
    return ""


def reason_unexported(folder: Path, server: DatabaseServer, tenancy: Tenancy) -> str:
    """Return what of a tenancy's data the export does not hold; empty when it holds all, or there is none any more."""
    if not databases.exists(server.provisioning(), tenancy.database):
        return ""
    tenant = manifests.read(folder)["tenants"].get(tenancy.instance)
    if tenant is None:
        return f"{folder} holds nothing of {tenancy.instance}"
    deviations = differences(content_of(tenant), content(server.tenant_session(tenancy.database)))
    return (
        f"{tenancy.subject} has changed since it was exported: {describe_deviations(deviations)}" if deviations else ""
    )


def remove(server: DatabaseServer, database: str) -> bool:
    """Drop a tenant's role and all its databases, former states too; return whether it had one.

    The role cannot go before what it owns.
    """
    session = server.provisioning()
    had_database = databases.exists(session, database)
    databases.drop(session, dict.fromkeys((*databases.names_of(session, database), database)))
    databases.drop_role(session, database)
    return had_database
