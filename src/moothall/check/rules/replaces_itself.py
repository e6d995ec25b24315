"""replaces-itself: sites that replace each other in a circle, the shortest being one that replaces itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.check.finding import error
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions, Site

RULE = "replaces-itself"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every such circle, at the site in it that is written last."""
    for folder in definitions.folders:
        sites = folder.partnership.sites
        circles = {frozenset(circle): site for site in sites.values() if (circle := _circle(site, sites))}
        for names, site in circles.items():
            if len(names) == 1:
                summary = f"{site.name} cannot replace itself"
            else:
                summary = f"{', '.join(sorted(names))} replace each other in a circle"
            detail = "Name the site whose place it takes, which must be another and older one, or remove the key."
            yield error(RULE, summary, detail, site.origin.value("replaces"))


def _circle(site: Site, sites: Mapping[str, Site]) -> list[str]:
    """Return the names on the way from a site along what it replaces back to itself, empty if there is none."""
    names = [site.name]
    older = site.replaces
    while older and older in sites and older not in names:
        names.append(older)
        older = sites[older].replaces
    return names if older == site.name else []
