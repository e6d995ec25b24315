"""capacity-exceeded: more tenants use an instance on one day than it is made for.

Tenancies that are over count no more, and those with a server of their own do not count. Those that are only planned
count last: they make it a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error, warning
from moothall.language.checks.scope import Scope
from moothall.language.facts.tenancies import Tenant, is_over, peak, tenants
from moothall.model.written import Definitions, Folder, Instance

RULE = "capacity-exceeded"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every instance that has, or will have, more tenants than its capacity."""
    for folder in definitions.folders:
        limited_instances = {
            name: instance for name, instance in folder.partnership.instances.items() if instance.capacity is not None
        }
        users: dict[str, list[Tenant]] = {name: [] for name in limited_instances}
        for tenant in tenants(folder, limited_instances):
            if not tenant.use.dedicated and not is_over(tenant, definitions.as_of):
                users[tenant.use.instance].append(tenant)
        planned_counts = _planned_uses(folder) if limited_instances else Counter()
        for name, instance in limited_instances.items():
            yield from _check(instance, users[name], planned_counts[name])


def _planned_uses(folder: Folder) -> Counter[str]:
    return Counter(
        use.instance
        for council in folder.councils
        for use in council.uses.values()
        if use.planned and not use.dedicated
    )


def _check(instance: Instance, users: Sequence[Tenant], planned_count: int) -> Iterator[Diagnostic]:
    assert instance.capacity is not None
    day, tenants_on_day = peak(users, lambda _: 1)
    most = len(tenants_on_day)
    span = instance.origin.value("capacity")
    capacity_summary = f"{instance.name} is made for {instance.capacity} tenant{'s' if instance.capacity > 1 else ''}"
    if most > instance.capacity:
        detail = "Raise the capacity if there is room, or let a tenancy begin after another has ended."
        last = max(tenants_on_day, key=lambda user: (user.begins, user.council.metadata.name))
        label = Label(last.use.origin.key(), f"the last of {most} to begin")
        yield error(RULE, f"{capacity_summary} and has {most} on {day}", detail, span, label)
    elif most + planned_count > instance.capacity:
        detail = "Raise the capacity before they are given a date."
        yield warning(RULE, f"{capacity_summary}, and has {most} and {planned_count} more planned", detail, span)
