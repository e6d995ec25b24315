"""A tenant's role on the database server can do nothing beyond its own database."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from moothall.model.planned import Plan, TenantPlan
from moothall.payloads.probe.roles import AT_THE_DOOR, TRIES
from moothall.verify.context import VerifyContext
from moothall.verify.inside import beside
from moothall.verify.task import Task, Verdict, judged
from moothall.verify.tenants import tenant_task


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each tenant."""
    for tenant in plan.tenants:
        subject = f"the role {tenant.database} of {tenant.instance_title} reads its own database alone"
        yield tenant_task("roles", plan, tenant, subject, partial(_look, tenant))


def _look(tenant: TenantPlan, context: VerifyContext) -> Verdict:
    """Judge what the role was given."""
    seen = beside(context, tenant.instance).roles[tenant.database]
    wrong = [f"{tenant.database} {deed}" for deed in seen.wrong]
    wrong += [f"{tenant.database} at {other}: {how}" for other, how in seen.doors.items() if how != AT_THE_DOOR]
    return judged(wrong, f"refused at {len(seen.doors)} foreign databases and at {len(TRIES)} ways out of its own")
