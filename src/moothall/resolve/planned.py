"""What is agreed and not stood up yet: tenancies, modules, mirrors and sites, with a date to come or without one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from moothall.model import written
from moothall.model.agreed import PlannedUse
from moothall.model.tenancy import merge_levels


def planned_uses(folder: written.Folder, as_of: date) -> Iterator[PlannedUse]:
    """Yield everything that is still to come on the day: sites, mirrors, then tenancies by council."""
    partnership = folder.partnership
    for name, site in sorted(partnership.sites.items()):
        if site.planned or (site.start and site.start > as_of):
            yield PlannedUse(None, None, None, name, site.start, site.origin.key())
    for name, instance in sorted(partnership.instances.items()):
        mirror = instance.mirror
        if mirror and (mirror.planned or (mirror.start and mirror.start > as_of)):
            yield PlannedUse(None, name, None, mirror.site, mirror.start, mirror.origin.key())
    for council in sorted(folder.councils, key=lambda council: council.metadata.name):
        for use in sorted(council.uses.values(), key=lambda use: use.instance):
            yield from _planned_of_use(partnership, council, use, as_of)


def _planned_of_use(
    partnership: written.Partnership, council: written.Council, use: written.Use, as_of: date
) -> Iterator[PlannedUse]:
    name, start = council.metadata.name, use.stands_from(council.joined)
    if use.planned or start > as_of:
        yield PlannedUse(name, use.instance, None, None, None if use.planned else start, use.origin.key())
        return
    instance = partnership.instances.get(use.instance)
    tenancy = merge_levels(instance.tenants if instance else None, use.tenancy)
    for module in sorted(tenancy.modules.values(), key=lambda module: module.module):
        module_start = module.start or start
        if module.planned or module_start > as_of:
            day = None if module.planned else module_start
            yield PlannedUse(name, use.instance, module.module, None, day, module.origin.key())
