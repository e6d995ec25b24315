"""unknown-site: a link, instance, mirror, backup target or council at a site that the partnership does not have."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.check.finding import error
from moothall.check.nearest import nearest
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions, Folder
from moothall.source import Span

RULE = "unknown-site"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every reference to a site that is not there."""
    for folder in definitions.folders:
        sites = folder.partnership.sites
        for name, span in _references(folder):
            if name not in sites:
                detail = nearest(name, sites, "Or add it to the sites of the partnership.")
                yield error(RULE, f'there is no site "{name}" in this partnership', detail, span)


def _references(folder: Folder) -> Iterator[tuple[str, Span]]:
    for link in folder.partnership.links:
        for number, site in enumerate(link.between):
            yield site, link.origin.value("between", number)
    for instance in folder.partnership.instances.values():
        yield instance.site, instance.origin.value("site")
        for part in (instance.mirror, instance.backup):
            if part:
                yield part.site, part.origin.value("site")
    for council in folder.councils:
        yield council.site, council.origin.value("spec", "site")
