"""unknown-site: something at, to or in the place of a site that the partnership does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from moothall.check.finding import error
from moothall.check.fixes import reworded
from moothall.check.nearest import certain, nearest
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions, Folder
from moothall.source import Span

RULE = "unknown-site"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every reference to a site that is not there."""
    for folder in definitions.folders:
        sites = folder.partnership.sites
        for name, span, taken in _references(folder):
            if name not in sites:
                detail = nearest(name, sites.keys() - taken, "Or add it to the sites of the partnership.")
                fix = reworded(span, name, certain(name, sites.keys() - taken))
                yield error(RULE, f'there is no site "{name}" in this partnership', detail, span, fix=fix)


def _references(folder: Folder) -> Iterator[tuple[str, Span, Collection[str]]]:
    """Yield every name of a site, where it stands, and the sites that cannot have been meant."""
    for site in folder.partnership.sites.values():
        if site.replaces:
            yield site.replaces, site.origin.value("replaces"), (site.name,)
    for link in folder.partnership.links:
        for number, end in enumerate(link.between):
            yield end, link.origin.value("between", number), link.between
    for instance in folder.partnership.instances.values():
        yield instance.site, instance.origin.value("site"), ()
        for part in (instance.mirror, instance.backup):
            if part:
                yield part.site, part.origin.value("site"), (instance.site,)
    for council in folder.councils:
        yield council.site, council.origin.value("spec", "site"), ()
