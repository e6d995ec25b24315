"""Show how one council logs in to one of its tenants."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from moothall.failures import OperationError, hint_of
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, Uses
from moothall.operations.context import Context
from moothall.operations.planning import chosen_plan
from moothall.operations.secrets import open_vault
from moothall.operations.tenants import tenant_of
from moothall.report.credentials.view import answer

HELP = "Show how a council logs in to one of its tenants: addresses, database, user, password, certificate to trust."
USES = Uses(("partnership", *ENGINES), sound=True)


@dataclass(frozen=True)
class Options:
    """Whose tenant of which instance, and where its certificate to trust is written, if anywhere."""

    council: str
    instance: str
    ca_file: Path | None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add whose credentials, and where to write the certificate to trust."""
    parser.add_argument("of_council", metavar="COUNCIL", help="whose tenant")
    parser.add_argument("of_instance", metavar="INSTANCE", help="the tenant of which instance")
    parser.add_argument("--ca-file", metavar="PATH", type=Path, help="write the authority's certificate there")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(council=namespace.of_council, instance=namespace.of_instance, ca_file=namespace.ca_file)


def run(options: Options, context: Context) -> Report:
    """Return the credentials; writes nothing but the file asked for.

    Raises OperationError when there is no such tenant, the vault does not open, or the file cannot be written.
    """
    plan = chosen_plan(context)
    tenant = tenant_of(plan, options.council, options.instance)
    vault = open_vault(context, plan)
    if options.ca_file:
        _write(options.ca_file, vault.people_authority())
    written_path = str(options.ca_file) if options.ca_file else None
    return answer(tenant, vault.secret(tenant.admin_secret), vault.people_authority(), written_path)


def _write(path: Path, text: str) -> None:
    """Write the certificate, which is no secret."""
    try:
        path.write_text(text, encoding="ascii")
    except OSError as error:
        raise OperationError(
            f"{path} cannot be written: {error.strerror}.", hint=hint_of(error, path.parent)
        ) from error
