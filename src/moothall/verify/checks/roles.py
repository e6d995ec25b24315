"""A tenant's role on the database server can do nothing beyond its own database; who makes these is let into none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from moothall.model.planned import Plan, TenantPlan
from moothall.model.roles import PROVISIONER
from moothall.verify.context import VerifyContext
from moothall.verify.inside import probe_beside
from moothall.verify.probe import RoleReply
from moothall.verify.task import Task, Verdict, verdict_on
from moothall.verify.tenants import sites_of, tenant_task


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each tenant, and one for the provisioner of each instance."""
    for tenant in plan.tenants:
        subject = f"the role {tenant.database} of {tenant.instance_title} reads its own database alone"
        yield tenant_task("roles", plan, tenant, subject, partial(_look, tenant))
    by_instance = {tenant.instance: tenant for tenant in plan.tenants}
    for instance, tenant in by_instance.items():
        yield Task(
            id=f"roles.{PROVISIONER}.{instance}",
            subject=f"the provisioner of {tenant.instance_title} is no superuser, and is let into no tenant's database",
            look=partial(_look_at_provisioner, instance),
            instance=instance,
            sites=sites_of(plan, tenant),
        )


def _look(tenant: TenantPlan, context: VerifyContext) -> Verdict:
    """Judge what the role was given."""
    return _verdict(tenant.database, probe_beside(context, tenant.instance).roles[tenant.database], "foreign")


def _look_at_provisioner(instance: str, context: VerifyContext) -> Verdict:
    """Judge what the role was given that makes databases and roles for all."""
    return _verdict(PROVISIONER, probe_beside(context, instance).roles[PROVISIONER], "tenants'")


def _verdict(role: str, reply: RoleReply, whose: str) -> Verdict:
    problems = [f"{role} {deed}" for deed in reply.excess_powers]
    problems += [f"{role} at {other}: {how}" for other, how in reply.doors.items() if how]
    tried = f"refused at {len(reply.doors)} {whose} databases and at {reply.try_count} ways to do what it must not"
    return verdict_on(problems, tried)
