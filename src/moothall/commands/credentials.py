"""Show how one council logs in to one of its tenants."""

from __future__ import annotations

import argparse
from pathlib import Path

from moothall.failures import USAGE, Failure, mend_of
from moothall.model.outcome import Answer
from moothall.model.planned import Plan, TenantPlan
from moothall.model.uses import ENGINES, Uses
from moothall.operations.session import open_vault, plan_of
from moothall.ports import Progress
from moothall.report.credentials import answer

HELP = "Show how a council logs in to one of its tenants: addresses, database, user, password, certificate to trust."
USES = Uses(("partnership", *ENGINES), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add whose credentials, and where to write the certificate to trust."""
    parser.add_argument("of_council", metavar="COUNCIL", help="whose tenant")
    parser.add_argument("of_instance", metavar="INSTANCE", help="the tenant of which instance")
    parser.add_argument("--ca-file", metavar="PATH", type=Path, help="write the authority's certificate there")


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the credentials; writes nothing but the file asked for.

    Raises Failure when there is no such tenant, the vault does not open, or the file cannot be written.
    """
    plan = plan_of(options)
    tenant = tenant_of(plan, options.of_council, options.of_instance)
    vault = open_vault(options, plan)
    if options.ca_file:
        _write(options.ca_file, vault.authority())
    written = str(options.ca_file) if options.ca_file else None
    return answer(tenant, vault.secret(tenant.admin_secret), vault.authority(), written)


def tenant_of(plan: Plan, council: str, instance: str) -> TenantPlan:
    """Return the tenant, or raise Failure naming those that there are."""
    for tenant in plan.tenants:
        if (tenant.council, tenant.instance) == (council, instance):
            return tenant
    there_are = ", ".join(f"{tenant.council} {tenant.instance}" for tenant in plan.tenants)
    raise Failure(
        f"{council} has no tenant of {instance} in {plan.partnership} on {plan.as_of}; there are: {there_are}.",
        mend="moothall credentials COUNCIL INSTANCE",
        exit_code=USAGE,
    )


def _write(path: Path, text: str) -> None:
    """Write the certificate, which is no secret."""
    try:
        path.write_text(text, encoding="ascii")
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}.", mend=mend_of(error, path.parent)) from error
