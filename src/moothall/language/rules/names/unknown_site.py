"""unknown-site: something at, to or in the place of a site that the partnership does not have."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Hint
from moothall.language.checks.finding import unknown
from moothall.language.checks.scope import Scope
from moothall.language.facts.symbols import Reference
from moothall.model.written import Definitions, Folder

RULE = "unknown-site"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every reference to a site that is not there."""
    for folder in definitions.folders:
        sites = frozenset(folder.partnership.sites)
        for name, span, excluded_names in references(folder):
            if name not in sites:
                hint = Hint(
                    name, sites.difference(excluded_names), otherwise="Or add it to the sites of the partnership."
                )
                yield unknown(RULE, f'there is no site "{name}" in this partnership', hint, span)


def references(folder: Folder) -> Iterator[Reference]:
    """Yield every name that a site must have."""
    for site in folder.partnership.sites.values():
        if site.replaces:
            yield Reference(site.replaces, site.origin.value("replaces"), (site.name,))
    for link in folder.partnership.links:
        for number, end in enumerate(link.between):
            yield Reference(end, link.origin.value("between", number), link.between)
    for instance in folder.partnership.instances.values():
        yield Reference(instance.site, instance.origin.value("site"))
        for part in (instance.mirror, instance.backup):
            if part:
                yield Reference(part.site, part.origin.value("site"), (instance.site,))
    logs = folder.partnership.logs
    if logs:
        yield Reference(logs.site, logs.origin.value("site"))
    for council in folder.councils:
        yield Reference(council.site, council.origin.value("spec", "site"))
