"""Who pays what: the yearly cost of an instance, divided by its tenants' shares to the penny."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.dedicated import used_instance
from moothall.model.outcome import Share
from moothall.model.resolved import Partnership, Tenant
from moothall.model.written import Folder


def shares(folder: Folder, partnership: Partnership) -> tuple[Share, ...]:
    """Return the parts of all tenants on the day, of instances with a stated cost; they add up to it exactly."""
    return tuple(
        share
        for cost in sorted(folder.partnership.shares.values(), key=lambda cost: cost.instance)
        for share in _divide(
            int(cost.annual_cost.split()[0]) * 100,
            [tenant for tenant in partnership.tenants if used_instance(tenant.instance) == cost.instance],
        )
    )


def _divide(pence: int, tenants: list[Tenant]) -> Iterator[Share]:
    """Divide by largest remainder: what whole pence leave over goes to those whose parts were cut most."""
    whole = sum(tenant.share for tenant in tenants)
    if not whole:
        return
    parts = [divmod(pence * tenant.share, whole) for tenant in tenants]
    remainder = pence - sum(part for part, _ in parts)
    rounded_up = sorted(range(len(parts)), key=lambda n: (-parts[n][1], tenants[n].council))[:remainder]
    for number, tenant in enumerate(tenants):
        yield Share(
            tenant.council, used_instance(tenant.instance), tenant.share, parts[number][0] + (number in rounded_up)
        )
