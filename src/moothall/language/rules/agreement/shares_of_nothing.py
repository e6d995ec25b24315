"""shares-of-nothing: an instance costs something, and every tenant's share of it is 0."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.tenancies import Tenant, is_over, tenants
from moothall.model.written import Definitions, Instance, Partnership

RULE = "shares-of-nothing"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every cost that nobody bears; an instance without tenants is no mistake."""
    for folder in definitions.folders:
        if folder.unread_councils:
            continue  # whoever pays may be among those that could not be read
        costs = _costs(folder.partnership)
        first_zero_shares: dict[str, Tenant] = {}
        paid_instances: set[str] = set()
        for tenant in tenants(folder, costs):
            if is_over(tenant, definitions.as_of):
                continue
            instance = costs[tenant.use.instance]
            if _share(instance, tenant) == 0:
                first_zero_shares.setdefault(instance.name, tenant)
            else:
                paid_instances.add(instance.name)
        for name in first_zero_shares.keys() - paid_instances:
            cost = folder.partnership.shares[name]
            summary = f"{name} costs {cost.annual_cost} a year, and every tenant's share is 0"
            detail = "Give a share to one tenant at least: the cost is divided in proportion to them."
            related = Label(first_zero_shares[name].use.origin.key(), "has no share")
            yield error(RULE, summary, detail, cost.origin.value("annual-cost"), related)


def _costs(partnership: Partnership) -> dict[str, Instance]:
    """Return the instances that cost something."""
    instances, shares = partnership.instances, partnership.shares
    return {name: instances[name] for name, cost in shares.items() if name in instances and cost.annual_cost[0] != "0"}


def _share(instance: Instance, tenant: Tenant) -> int | None:
    """Return the tenant's share, from the nearest level that states one; None if none does."""
    own = tenant.use.tenancy.share
    return own if own is not None or instance.tenants is None else instance.tenants.share
