"""What the job that prepares a tenant is given: what is wanted, who it is, and the program that it runs."""

from __future__ import annotations

import json

from moothall.model.dedicated import used_instance
from moothall.model.resolved import Council, Partnership, Tenant
from moothall.payloads import text_of
from moothall.plan import naming, secret_refs


def files(partnership: Partnership, council: Council, tenant: Tenant, database: str) -> dict[str, str]:
    """Return the texts of the job's files by their names below /cfg."""
    job = naming.job(tenant.instance)
    return {
        "ca.crt": secret_refs.AUTHORITY,
        "client.crt": secret_refs.certificate(job),
        "client.key": secret_refs.key(job),
        "database-password": _secret(council, tenant, "database-password"),
        "admin-password": _secret(council, tenant, "admin-password"),
        "claim.py": text_of("ownership_guard"),
        "tenant.json": _request(partnership, council, tenant, database),
    }


def mark(uid: str) -> str:
    """Return the comment on a tenant's role that says which council's it is; the uid is its last word."""
    return f"moothall: council {uid}"


def _secret(council: Council, tenant: Tenant, kind: str) -> str:
    return secret_refs.secret(secret_refs.tenant_secret(council.uid, used_instance(tenant.instance), kind))


def _request(partnership: Partnership, council: Council, tenant: Tenant, database: str) -> str:
    host = naming.host_name(council.name, used_instance(tenant.instance), partnership.domain)
    request = {
        "tenant": database,
        "mark": mark(council.uid),
        "modules": sorted({name for module in tenant.modules for name in module.tryton_modules}),
        "admin_email": f"admin@{host}",
    }
    return json.dumps(request, indent=1, sort_keys=True) + "\n"
