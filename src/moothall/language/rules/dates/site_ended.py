"""site-ended: something stands at a site that is no more, is only planned, or begins too late for it.

A site that takes another's place may begin later than what moves to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.tenancies import Tenant, tenants
from moothall.model.written import Definitions, Folder, Instance, Site
from moothall.source import Span

RULE = "site-ended"
SCOPE = Scope.PARTNERSHIP


class Need(NamedTuple):
    """From which day something is used, and until before which; open if `last` is None."""

    first: date
    last: date | None


class Stay(NamedTuple):
    """What is at a site, where that is written, and when it is needed; None if nobody with a date needs it.

    What begins or ends on a day of its own is held against the site's days by dates-out-of-order.
    """

    what: str
    site: str
    span: Span
    need: Need | None = None
    begins: date | None = None
    ends: date | None = None


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for everything that is at a site which is not there for it."""
    for folder in definitions.folders:
        sites = {name: site for name, site in folder.partnership.sites.items() if _comes_or_goes(site)}
        for stay in _stays(folder, sites, definitions.as_of):
            yield from _check(stay, sites[stay.site], definitions.as_of)


def _comes_or_goes(site: Site) -> bool:
    return site.planned or site.start is not None or site.until is not None


def _check(stay: Stay, site: Site, as_of: date) -> Iterator[Diagnostic]:
    need = stay.need
    if site.planned:
        if need or stay.begins:
            summary = f"{stay.what} is at {site.name}, which is only planned"
            detail = "Give the site a date, or choose one that is there."
            yield error(RULE, summary, detail, stay.span, Label(site.origin.key("planned"), "planned here"))
    elif site.until and site.until <= as_of and not stay.ends and not (need and need.last and need.last <= site.until):
        summary = f"{stay.what} is still at {site.name}, which ended on {site.until}"
        detail = "Name the site that it has moved to."
        yield error(RULE, summary, detail, stay.span, Label(site.origin.value("until"), "ends here"))
    elif site.start and need and need.first < site.start and not stay.begins and not site.replaces:
        summary = f"{stay.what} is needed before {site.name} begins"
        detail = f"{need.first} comes before {site.start}: mend one of the two."
        yield error(RULE, summary, detail, stay.span, Label(site.origin.value("from"), "begins here"))


def _stays(folder: Folder, sites: Mapping[str, Site], as_of: date) -> Iterator[Stay]:
    """Yield everything that is at the sites; a council that has left is nowhere."""
    if not sites:
        return
    instances = folder.partnership.instances
    by_instance: dict[str, list[Tenant]] = {name: [] for name in instances}
    for tenant in tenants(folder, instances):
        by_instance[tenant.use.instance].append(tenant)
    for instance in instances.values():
        if folder.unread_councils and not by_instance[instance.name]:
            continue  # who needs it, and until when, may stand in a file that could not be read
        for part in _parts(instance, as_of):
            if part.site in sites:
                yield part._replace(need=_need(by_instance[instance.name]))
    logs = folder.partnership.logs
    if logs and logs.site in sites:
        every_tenant = [tenant for tenants_of in by_instance.values() for tenant in tenants_of]
        yield Stay("the place of the logs", logs.site, logs.origin.value("site"), _need(every_tenant))
    for council in folder.councils:
        if council.site in sites and not (council.leaves and council.leaves <= as_of):
            own = tenants(folder._replace(councils=(council,)), instances)
            span = council.origin.value("spec", "site")
            yield Stay(f"council {council.metadata.name}", council.site, span, _need(list(own)))


def _parts(instance: Instance, as_of: date) -> Iterator[Stay]:
    """Yield each part of an instance at its site; a mirror that is over or only planned is nowhere."""
    yield Stay(f"instance {instance.name}", instance.site, instance.origin.value("site"))
    mirror, backup = instance.mirror, instance.backup
    if mirror and not mirror.planned and not (mirror.until and mirror.until <= as_of):
        span = mirror.origin.value("site")
        yield Stay(f"the mirror of {instance.name}", mirror.site, span, begins=mirror.start, ends=mirror.until)
    if backup:
        yield Stay(f"the backup target of {instance.name}", backup.site, backup.origin.value("site"))


def _need(users: Sequence[Tenant]) -> Need | None:
    if not users:
        return None
    ends = [user.ends for user in users if user.ends]
    return Need(min(user.begins for user in users), max(ends) if len(ends) == len(users) else None)
