"""Shared by the checks of one tenant or council: building their tasks, and reading their part of the probe's reply."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from moothall.model.planned import Plan, TenantPlan
from moothall.verify.context import VerifyContext
from moothall.verify.probe import TenantReply
from moothall.verify.task import Task, Verdict


def tenant_task(
    kind: str, plan: Plan, tenant: TenantPlan, subject: str, look: Callable[[VerifyContext], Verdict]
) -> Task:
    """Return the task of a kind that looks at one tenant."""
    return Task(
        id=f"{kind}.{tenant.council}.{tenant.instance}",
        subject=subject,
        look=look,
        council=tenant.council,
        instance=tenant.instance,
        sites=sites_of(plan, tenant),
    )


def council_tasks(kind: str, plan: Plan, does: str, look: Callable[[str, VerifyContext], Verdict]) -> Iterator[Task]:
    """Yield the task of a kind for each council with a tenant; `does` follows the council's title."""
    titles = {tenant.council: tenant.council_title for tenant in plan.tenants}
    for council, title in titles.items():
        sites = {site for tenant in plan.tenants if tenant.council == council for site in sites_of(plan, tenant)}
        yield Task(
            id=f"{kind}.{council}",
            subject=f"{title} {does}",
            look=partial(look, council),
            council=council,
            sites=tuple(sorted(sites)),
        )


def sites_of(plan: Plan, tenant: TenantPlan) -> tuple[str, ...]:
    """Return the sites where a tenant's relay, gateways and applications stand."""
    names = {tenant.relay, tenant.gateway, tenant.application, tenant.waiting_gateway, tenant.waiting_application}
    return tuple(stack.site for stack in plan.stacks if names & {container.name for container in stack.containers})


def tenant_answer(context: VerifyContext, tenant: TenantPlan) -> TenantReply:
    """Return what the probe of the tenant's council saw of this tenant; waits for the probe."""
    return context.answer(tenant.council).tenants[tenant.instance]
