"""no-route: two sites that must reach each other have no way over links and transit sites."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.check.finding import error
from moothall.check.ways import reachable
from moothall.diagnostics import Diagnostic, Label
from moothall.model.written import Definitions, Folder
from moothall.source import Span

RULE = "no-route"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every council that cannot reach an instance or its mirror, and every instance that
    cannot reach its mirror or its backup target."""
    for folder in definitions.folders:
        sites = folder.partnership.sites
        if any(end not in sites for link in folder.partnership.links for end in link.between):
            continue  # unknown-site has said so, and the right name may be all that is missing
        reached: dict[str, frozenset[str]] = {}
        for what, start, end, span in [*_instances(folder), *_tenants(folder)]:
            if start not in sites or end not in sites:
                continue
            if start not in reached:
                reached[start] = reachable(folder.partnership, start)
            if end not in reached[start]:
                detail = f"Link {start} and {end}, or let the sites between them be transit sites."
                related = [Label(sites[site].origin.key(), f"site {site}") for site in (start, end)]
                yield error(RULE, f"there is no way from {start} to {end}, {what}", detail, span, *related)


Need = tuple[str, str, str, Span]
"""Why there must be a way, from which site, to which site, and where that is written."""


def _instances(folder: Folder) -> Iterator[Need]:
    for instance in folder.partnership.instances.values():
        # Backups of a mirrored instance go the mirror's way: said once is enough.
        what, part = ("mirror", instance.mirror) if instance.mirror else ("backup target", instance.backup)
        if part:
            yield f"the {what} of {instance.name}", instance.site, part.site, part.origin.value("site")


def _tenants(folder: Folder) -> Iterator[Need]:
    for council in folder.councils:
        for use in council.uses.values():
            instance = folder.partnership.instances.get(use.instance)
            if instance is None:
                continue
            yield f"where {instance.name} runs", council.site, instance.site, use.origin.key()
            if instance.mirror:
                yield f"the mirror of {instance.name}", council.site, instance.mirror.site, use.origin.key()
