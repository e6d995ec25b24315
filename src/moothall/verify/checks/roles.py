"""A tenant's role on the database server can do nothing beyond its own database."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from moothall.model.planned import Plan, TenantPlan
from moothall.verify.context import VerifyContext
from moothall.verify.inside import probe_beside
from moothall.verify.task import Task, Verdict, verdict_on
from moothall.verify.tenants import tenant_task


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each tenant."""
    for tenant in plan.tenants:
        subject = f"the role {tenant.database} of {tenant.instance_title} reads its own database alone"
        yield tenant_task("roles", plan, tenant, subject, partial(_look, tenant))


def _look(tenant: TenantPlan, context: VerifyContext) -> Verdict:
    """Judge what the role was given."""
    reply = probe_beside(context, tenant.instance).roles[tenant.database]
    problems = [f"{tenant.database} {deed}" for deed in reply.excess_powers]
    problems += [f"{tenant.database} at {other}: {how}" for other, how in reply.doors.items() if how]
    return verdict_on(
        problems, f"refused at {len(reply.doors)} foreign databases and at {reply.try_count} ways out of its own"
    )
