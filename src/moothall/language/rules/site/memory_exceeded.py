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
from moothall.language.facts.tenancies import is_over, peak, tenants
from moothall.model.defaults import TENANCY
from moothall.model.tenancy import merge_levels
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
        limited_sites = {name: site for name, site in folder.partnership.sites.items() if site.memory}
        applications_by_site: dict[str, list[_Application]] = {name: [] for name in limited_sites}
        for application in _applications(folder, limited_sites, definitions.as_of):
            if not is_over(application, definitions.as_of):
                applications_by_site[application.site].append(application)
        for name, site in limited_sites.items():
            yield from _check(site, applications_by_site[name])


def _applications(folder: Folder, sites: Mapping[str, Site], as_of: date) -> Iterator[_Application]:
    """Yield every tenant's applications at some of the sites."""
    instances = folder.partnership.instances
    for tenant in tenants(folder, instances if sites else ()):
        instance, tenancy = instances[tenant.use.instance], tenant.use.tenancy
        memory = merge_levels(TENANCY, instance.tenants, tenancy).memory
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
            yield _within_lifetimes(own, site)
        mirror = mirror_of(instance, as_of)
        if mirror and (site := sites.get(mirror.site)):
            what = f"{tenant.council.metadata.name} at the mirror of {instance.name}"
            yield _within_lifetimes(own._replace(what=what, site=mirror.site), site, mirror)


def _within_lifetimes(application: _Application, *lifetimes: Site | Mirror) -> _Application:
    """Return an application with the days on which what it stands at is there, too."""
    begins = max([application.begins, *(lifetime.start for lifetime in lifetimes if lifetime.start)])
    ends = min((end for end in (application.ends, *(lifetime.until for lifetime in lifetimes)) if end), default=None)
    return application._replace(begins=begins, ends=ends)


def _check(site: Site, applications: Sequence[_Application]) -> Iterator[Diagnostic]:
    day, applications_on_day = peak(applications, lambda application: application.mebibytes)
    needed_memory = sum(application.mebibytes for application in applications_on_day)
    if site.memory and needed_memory > mebibytes(site.memory):
        number = f"{len(applications_on_day)} application{'s' if len(applications_on_day) > 1 else ''}"
        summary = f"{site.name} has {site.memory} of memory, and {size(needed_memory)} is taken on {day} by {number}"
        detail = "Give the site more, let some tenants take less, or have an instance or its mirror at another site."
        largest = sorted(applications_on_day, key=lambda application: -application.mebibytes)[:_MOST]
        related = [
            Label(application.span, f"{application.what}: {size(application.mebibytes)}") for application in largest
        ]
        yield error(RULE, summary, detail, site.origin.value("memory"), *related)
