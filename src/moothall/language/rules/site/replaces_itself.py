"""replaces-itself: sites that replace each other in a circle, the shortest being one that replaces itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.model.written import Definitions, Site

RULE = "replaces-itself"
SCOPE = Scope.PARTNERSHIP

_MOST = 10
"""Names of a circle that a finding lists."""


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every such circle, at the site in it that is written last."""
    for folder in definitions.folders:
        sites = folder.partnership.sites
        positions = {name: number for number, name in enumerate(sites)}
        for names in _circles(sites):
            if len(names) == 1:
                summary = f"{names[0]} cannot replace itself"
            else:
                more = [f"{len(names) - _MOST} more"] if len(names) > _MOST else []
                summary = f"{', '.join([*sorted(names)[:_MOST], *more])} replace each other in a circle"
            detail = "Name the site whose place it takes, which must be another and older one, or remove the key."
            last = sites[max(names, key=positions.__getitem__)]
            yield error(RULE, summary, detail, last.origin.value("replaces"))


def _circles(sites: Mapping[str, Site]) -> Iterator[list[str]]:
    """Yield the names in every circle; each site is looked at once, for it replaces one other at most."""
    visited_sites: set[str] = set()
    for name in sites:
        way: list[str] = []
        current: str | None = name
        while current is not None and current in sites and current not in visited_sites:
            visited_sites.add(current)
            way.append(current)
            current = sites[current].replaces
        if current in way:
            yield way[way.index(current) :]
