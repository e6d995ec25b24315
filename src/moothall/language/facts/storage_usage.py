"""How much of each site's disks the instances, mirrors and backups declared there take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from moothall.language.facts.dedicated import dedicated_servers
from moothall.language.facts.recovery import mirror_of
from moothall.model.units import mebibytes
from moothall.model.written import Folder, Instance
from moothall.source import Span


class StorageUsage(NamedTuple):
    """Disk space, in mebibytes, that a part of an instance takes at a site, and where the part is declared.

    A part that is a copy is kept for what runs elsewhere.
    """

    what: str
    site: str
    mebibytes: int
    span: Span
    is_copy: bool


def storage_usages(folder: Folder, as_of: date) -> Iterator[StorageUsage]:
    """Yield what every instance that states its storage takes at each site; planned mirrors take nothing yet.

    So does every server that a council has for itself, as much as it states itself or the instance does.
    """
    for instance in folder.partnership.instances.values():
        if instance.storage is not None:
            yield from _usages(instance, as_of, instance.name, instance.storage, instance.origin.value("storage"))
    for server in dedicated_servers(folder):
        storage = server.use.storage or server.instance.storage
        if storage is not None and not server.use.planned:
            origin = server.use.origin
            span = origin.value("storage") if server.use.storage else origin.key("dedicated")
            yield from _usages(server.instance, as_of, server.whose, storage, span, span)


def _usages(
    instance: Instance, as_of: date, name: str, storage: str, span: Span, copy_span: Span | None = None
) -> Iterator[StorageUsage]:
    """Yield what a server of an instance takes; its copies are declared at `copy_span`, or where the instance's are."""
    size, mirror, backup = mebibytes(storage), mirror_of(instance, as_of), instance.backup
    yield StorageUsage(name, instance.site, size, span, is_copy=False)
    if mirror:
        mirror_span = copy_span or mirror.origin.value("site")
        yield StorageUsage(f"the mirror of {name}", mirror.site, size, mirror_span, is_copy=True)
    if backup:
        # A full backup is finished before the oldest goes, so there is one more; kept by days there are no fewer.
        full = size * (backup.keep.full + 1)
        backup_span = copy_span or backup.origin.value("site")
        yield StorageUsage(f"the backups of {name}", backup.site, full, backup_span, is_copy=True)
