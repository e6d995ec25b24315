"""memory-exceeded: the tenants' applications at a site take more memory on one day than the site has.

Each takes its own where its instance runs, and once more where the mirror is, for the application that waits there.
What is over counts no more; tenancies and mirrors that are only planned take nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.recovery import mirror_of
from moothall.language.facts.tenancies import fullest, over, tenants
from moothall.model.defaults import TENANCY
from moothall.model.tenancy import merged
from moothall.model.units import mebibytes, size
from moothall.model.written import Definitions, Folder, Mirror, Site
from moothall.source import Span

RULE = "memory-exceeded"
SCOPE = Scope.PARTNERSHIP

_MOST = 8
"""Applications that a finding names, the largest first."""


class _Application(NamedTuple):
    """A tenant's application at a site, the memory that it takes, in mebibytes, and when it is there."""

    what: str
    site: str
    mebibytes: int
    begins: date
    ends: date | None
    span: Span


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every site that states its memory and has, or will have, less than is taken there."""
    for folder in definitions.folders:
        stated = {name: site for name, site in folder.partnership.sites.items() if site.memory}
        there: dict[str, list[_Application]] = {name: [] for name in stated}
        for application in _applications(folder, stated, definitions.as_of):
            if not over(application, definitions.as_of):
                there[application.site].append(application)
        for name, site in stated.items():
            yield from _check(site, there[name])


def _applications(folder: Folder, sites: Mapping[str, Site], as_of: date) -> Iterator[_Application]:
    """Yield every tenant's applications at some of the sites."""
    instances = folder.partnership.instances
    for tenant in tenants(folder, instances if sites else ()):
        instance, tenancy = instances[tenant.use.instance], tenant.use.tenancy
        memory = merged(TENANCY, instance.tenants, tenancy).memory
        assert memory is not None
        span = tenancy.origin.value("memory") if tenancy.memory else tenancy.origin.key()
        own = _Application(
            f"{tenant.council.metadata.name} in {instance.name}",
            instance.site,
            mebibytes(memory),
            tenant.begins,
            tenant.ends,
            span,
        )
        if site := sites.get(instance.site):
            yield _while(own, site)
        mirror = mirror_of(instance, as_of)
        if mirror and (site := sites.get(mirror.site)):
            what = f"{tenant.council.metadata.name} at the mirror of {instance.name}"
            yield _while(own._replace(what=what, site=mirror.site), site, mirror)


def _while(application: _Application, *dated: Site | Mirror) -> _Application:
    """Return an application with the days on which what it stands at is there, too."""
    begins = max([application.begins, *(each.start for each in dated if each.start)])
    ends = min((end for end in (application.ends, *(each.until for each in dated)) if end), default=None)
    return application._replace(begins=begins, ends=ends)


def _check(site: Site, applications: Sequence[_Application]) -> Iterator[Diagnostic]:
    day, there = fullest(applications, lambda each: each.mebibytes)
    needed = sum(each.mebibytes for each in there)
    if site.memory and needed > mebibytes(site.memory):
        number = f"{len(there)} application{'s' if len(there) > 1 else ''}"
        summary = f"{site.name} has {site.memory} of memory, and {size(needed)} is taken on {day} by {number}"
        detail = "Give the site more, let some tenants take less, or have an instance or its mirror at another site."
        largest = sorted(there, key=lambda each: -each.mebibytes)[:_MOST]
        related = [Label(each.span, f"{each.what}: {size(each.mebibytes)}") for each in largest]
        yield error(RULE, summary, detail, site.origin.value("memory"), *related)
