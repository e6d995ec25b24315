"""unknown-council: a reference to a council without a file below `councils/`, that is no organisation either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.diagnostics import Diagnostic, Hint
from moothall.language.checks.finding import unknown
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.language.facts.symbols import Reference
from moothall.model.written import Definitions, Folder, ModuleUse, Partnership
from moothall.source import Origin, Span

RULE = "unknown-council"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every reference to a party that is not there, and every owner that is not a council."""
    for folder in definitions.folders:
        parties = symbols.parties(folder)
        for name, span, _ in references(folder):
            if name not in parties:
                yield _finding(name, span, parties, "council or organisation", ", or an organisation")
        councils = symbols.councils(folder)
        for name, span, _ in owners(folder.partnership):
            if name not in councils:
                yield _finding(name, span, councils, "council", "")


def references(folder: Folder) -> Iterator[Reference]:
    """Yield every name that a council or an organisation must have."""
    partnership = folder.partnership
    parties = Origin(partnership.origin.document, ("spec", "parties"))
    for number, party in enumerate(partnership.parties):
        yield Reference(party, parties.value(number), partnership.parties)
    for site in partnership.sites.values():
        yield Reference(site.owner, site.origin.value("owner"))
        if site.run_by:
            yield Reference(site.run_by, site.origin.value("run-by"))
    for instance in partnership.instances.values():
        yield Reference(instance.host, instance.origin.value("host"))
        if instance.tenants:
            yield from _data_owners(instance.tenants.modules)
    for service in partnership.external.values():
        yield Reference(service.provider, service.origin.value("provider"))
    for council in folder.councils:
        for use in council.uses.values():
            yield from _data_owners(use.modules)


def _data_owners(modules: Mapping[str, ModuleUse]) -> Iterator[Reference]:
    for module in modules.values():
        if module.data_owner:
            yield Reference(module.data_owner, module.origin.value("data-owner"))


def owners(partnership: Partnership) -> Iterator[Reference]:
    """Yield every name that a council must have, because organisations own none."""
    for organisation in partnership.organisations.values():
        excluded_names = {*organisation.owned_by, *partnership.organisations}
        for number, owner in enumerate(organisation.owned_by):
            yield Reference(owner, organisation.origin.value("owned-by", number), excluded_names)


def _finding(name: str, span: Span, names: frozenset[str], what: str, otherwise: str) -> Diagnostic:
    hint = Hint(name, names, otherwise=f"Or add councils/{name}.yaml{otherwise}.")
    return unknown(RULE, f'there is no {what} "{name}" in this partnership', hint, span)
