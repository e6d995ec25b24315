"""What the checks of one tenant share: its sites, and its part of what the council's probe saw."""

from __future__ import annotations

from moothall.model.planned import Plan, TenantPlan
from moothall.verify.probe import Seen
from moothall.verify.scene import Scene


def sites_of(plan: Plan, tenant: TenantPlan) -> tuple[str, ...]:
    """Return the sites where a tenant's relay, gateways and applications stand."""
    names = {tenant.relay, tenant.gateway, tenant.application, tenant.waiting_gateway, tenant.waiting_application}
    return tuple(stack.site for stack in plan.stacks if names & {container.name for container in stack.containers})


def tenant_answer(scene: Scene, tenant: TenantPlan) -> Seen:
    """Return what the probe of the tenant's council saw of this tenant; waits for the probe."""
    return scene.answer(tenant.council).tenants[tenant.instance]
