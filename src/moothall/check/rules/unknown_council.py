"""unknown-council: a reference to a council without a file below `councils/`, that is no organisation either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.check import known
from moothall.check.finding import error
from moothall.check.fixes import reworded
from moothall.check.nearest import certain, nearest
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions, Folder, ModuleUse, Partnership
from moothall.source import Origin, Span

RULE = "unknown-council"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every reference to a party that is not there, and every owner that is not a council."""
    for folder in definitions.folders:
        parties = known.parties(folder)
        for name, span in references(folder):
            if name not in parties:
                yield _finding(name, span, parties, "council or organisation", ", or an organisation")
        councils = known.councils(folder)
        for name, span in _owned_by(folder.partnership):
            if name not in councils:
                yield _finding(name, span, councils, "council", "")


def references(folder: Folder) -> Iterator[tuple[str, Span]]:
    """Yield every name that a council or an organisation must have, with where it stands."""
    partnership = folder.partnership
    parties = Origin(partnership.origin.document, ("spec", "parties"))
    for number, party in enumerate(partnership.parties):
        yield party, parties.value(number)
    for site in partnership.sites.values():
        yield site.owner, site.origin.value("owner")
        if site.run_by:
            yield site.run_by, site.origin.value("run-by")
    for instance in partnership.instances.values():
        yield instance.host, instance.origin.value("host")
        if instance.tenants:
            yield from _data_owners(instance.tenants.modules)
    for service in partnership.external.values():
        yield service.provider, service.origin.value("provider")
    for council in folder.councils:
        for use in council.uses.values():
            yield from _data_owners(use.modules)


def _data_owners(modules: Mapping[str, ModuleUse]) -> Iterator[tuple[str, Span]]:
    for module in modules.values():
        if module.data_owner:
            yield module.data_owner, module.origin.value("data-owner")


def _owned_by(partnership: Partnership) -> Iterator[tuple[str, Span]]:
    for organisation in partnership.organisations.values():
        for number, owner in enumerate(organisation.owned_by):
            yield owner, organisation.origin.value("owned-by", number)


def _finding(name: str, span: Span, names: frozenset[str], what: str, otherwise: str) -> Diagnostic:
    detail = nearest(name, names, f"Or add councils/{name}.yaml{otherwise}.")
    fix = reworded(span, name, certain(name, names))
    return error(RULE, f'there is no {what} "{name}" in this partnership', detail, span, fix=fix)
