"""The view of `credentials`: how one council logs in to one tenant. It holds a password: it is shown, never stored."""

from __future__ import annotations

from moothall.model.outcome import Answer
from moothall.model.planned import TenantPlan

KIND = "credentials"


def answer(tenant: TenantPlan, password: str, authority: str, ca_file: str | None) -> Answer:
    """Return how to log in to a tenant.

    `authority` is the authority's certificate, PEM; `ca_file` is where it was written, if it was.
    """
    return Answer(
        KIND,
        {
            "schemaVersion": 1,
            "council": tenant.council,
            "councilTitle": tenant.council_title,
            "instance": tenant.instance,
            "instanceTitle": tenant.instance_title,
            "hostName": tenant.host_name,
            "localAccessUrl": tenant.local_access_url,
            "database": tenant.database,
            "user": tenant.login,
            "password": password,
            "authority": authority,
            "authorityFile": ca_file,
        },
    )
