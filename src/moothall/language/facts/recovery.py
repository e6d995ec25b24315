"""What councils have been promised about disasters, and what keeps the promise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from moothall.model.units import seconds
from moothall.model.written import Definitions, Instance, Mirror, Tenancy
from moothall.source import Span

RECOVERY_POINT = "recovery-point"
RECOVERY_TIME = "recovery-time"


class Promise(NamedTuple):
    """A recovery point or time that an instance's tenants, or one of them, have been promised."""

    instance: Instance
    text: str
    whose: str
    span: Span

    @property
    def seconds(self) -> int:
        """Return the promise in seconds."""
        return seconds(self.text)


def promises(definitions: Definitions, key: str) -> Iterator[Promise]:
    """Yield every promise under a key that is made to tenants, where it is written; not those of mirrors."""
    for folder in definitions.folders:
        instances = folder.partnership.instances
        for instance in instances.values():
            if instance.tenants and (text := _promise_text(instance.tenants, key)):
                whose = f"every tenant of {instance.name}"
                yield Promise(instance, text, whose, instance.tenants.origin.value(key))
        for council in folder.councils:
            for use in council.uses.values():
                if (text := _promise_text(use.tenancy, key)) and use.instance in instances:
                    yield Promise(instances[use.instance], text, council.metadata.name, use.origin.value(key))


def _promise_text(tenancy: Tenancy, key: str) -> str | None:
    return tenancy.recovery_point if key == RECOVERY_POINT else tenancy.recovery_time


def mirror_of(instance: Instance, as_of: date) -> Mirror | None:
    """Return the mirror unless it is only planned or has ended by `as_of`."""
    mirror = instance.mirror
    if mirror is None or mirror.planned or (mirror.until and mirror.until <= as_of):
        return None
    return mirror
