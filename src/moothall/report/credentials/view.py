"""The view of `credentials`: how one council logs in to one tenant. It holds a password: it is shown, never stored."""

from __future__ import annotations

from typing import TypedDict

from moothall.model.outcome import Report
from moothall.model.planned import TenantPlan

KIND = "credentials"


class CredentialsView(TypedDict):
    """How to log in to one tenant.

    `localAccessUrl` leads there on this machine and is None where no port is published, `authority` has the
    certificates to trust in PEM, two while the authority is exchanged, `authorityFile` is the path of the file that
    they were written to, None if they were not.
    """

    schemaVersion: int
    council: str
    councilTitle: str
    instance: str
    instanceTitle: str
    hostName: str
    localAccessUrl: str | None
    database: str
    user: str
    password: str
    authority: str
    authorityFile: str | None


def answer(tenant: TenantPlan, password: str, authority: str, ca_file: str | None) -> Report:
    """Return how to log in to a tenant.

    `authority` has the certificates to trust, PEM; `ca_file` is where they were written, if they were.
    """
    view: CredentialsView = {
        "schemaVersion": 1,
        "council": tenant.council,
        "councilTitle": tenant.council_title,
        "instance": tenant.used,
        "instanceTitle": tenant.instance_title,
        "hostName": tenant.host_name,
        "localAccessUrl": tenant.local_access_url,
        "database": tenant.database,
        "user": tenant.login,
        "password": password,
        "authority": authority,
        "authorityFile": ca_file,
    }
    return Report(KIND, view)
