"""personal-data-without-agreement: somebody else's councils have personal data at a service without an agreement.

The Information Commissioner's data sharing code (Data Protection Act 2018, section 121) expects one, and where the host
processes for the others, UK GDPR, article 28(3), demands a contract.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.personal_data import SharedUse, shared_uses
from moothall.language.facts.tenancies import services
from moothall.model.written import Definitions

RULE = "personal-data-without-agreement"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every instance and external service that needs `data-sharing` and has none."""
    for folder in definitions.folders:
        unprotected = {
            name: service for name, service in services(folder.partnership).items() if not service.data_sharing
        }
        uses_by_service: dict[str, list[SharedUse]] = {}
        for use in shared_uses(definitions, folder, unprotected):
            uses_by_service.setdefault(use.service.name, []).append(use)
        for name, uses in uses_by_service.items():
            yield _finding(name, uses)


def _finding(name: str, uses: list[SharedUse]) -> Diagnostic:
    first = uses[0]
    others = len({use.council for use in uses}) - 1
    whose = first.council if others == 0 else f"{first.council} and {others} more"
    summary = f"{name} of {first.provider} holds personal data of {whose} without a data sharing agreement"
    detail = (
        "Add data-sharing: the agreement's name, the day of its review, the lawful basis and whom to tell of a breach."
    )
    label = Label(first.module.origin.key(), f"{first.module.module} holds {first.kind.replace('-', ' ')} data")
    return error(RULE, summary, detail, first.service.origin.key(), label)
