"""How much of each site's disks the instances, mirrors and backups declared there take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from moothall.language.facts.recovery import mirror_of
from moothall.model.units import mebibytes
from moothall.model.written import Instance, Partnership
from moothall.source import Span


class StorageUsage(NamedTuple):
    """Disk space, in mebibytes, that a part of an instance takes at a site, and where the part is declared."""

    instance: Instance
    what: str
    site: str
    mebibytes: int
    span: Span


def storage_usages(partnership: Partnership, as_of: date) -> Iterator[StorageUsage]:
    """Yield what every instance that states its storage takes at each site; planned mirrors take nothing yet."""
    for instance in partnership.instances.values():
        if instance.storage is None:
            continue
        size, mirror, backup = mebibytes(instance.storage), mirror_of(instance, as_of), instance.backup
        yield StorageUsage(instance, instance.name, instance.site, size, instance.origin.value("storage"))
        if mirror:
            span = mirror.origin.value("site")
            yield StorageUsage(instance, f"the mirror of {instance.name}", mirror.site, size, span)
        if backup:
            # A full backup is finished before the oldest goes, so there is one more; kept by days there are no fewer.
            full = size * (backup.keep.full + 1)
            yield StorageUsage(
                instance, f"the backups of {instance.name}", backup.site, full, backup.origin.value("site")
            )
