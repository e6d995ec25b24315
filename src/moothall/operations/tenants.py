"""A tenant of a plan, by the names that people give."""

from __future__ import annotations

from moothall.failures import USAGE, OperationError
from moothall.model.planned import Plan, TenantPlan


def tenant_of(plan: Plan, council: str, instance: str) -> TenantPlan:
    """Return the tenant, or raise OperationError naming those that there are.

    The instance is named as in the council's file, or as the council's own server is.
    """
    for tenant in plan.tenants:
        if tenant.council == council and instance in (tenant.used, tenant.instance):
            return tenant
    tenant_names = ", ".join(f"{tenant.council} {tenant.used}" for tenant in plan.tenants)
    raise OperationError(
        f"{council} has no tenant of {instance} in {plan.partnership} on {plan.as_of}; there are: {tenant_names}.",
        hint="moothall credentials COUNCIL INSTANCE",
        exit_code=USAGE,
    )
