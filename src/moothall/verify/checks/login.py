"""Each council can log in to each of its tenants over TLS, from its own network; planned tenants are named as such."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from moothall.model.agreed import PlannedUse
from moothall.model.planned import Plan, TenantPlan
from moothall.verify.context import VerifyContext
from moothall.verify.probe import TenantReply
from moothall.verify.task import Task, Verdict, failed_verdict, passed_verdict
from moothall.verify.tenants import tenant_answer, tenant_task


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each tenant, and one that is skipped for each tenant agreed but not stood up."""
    for tenant in plan.tenants:
        subject = f"{tenant.council_title} logs in to {tenant.instance_title}"
        yield tenant_task("login", plan, tenant, subject, partial(_look, tenant))
    yield from (_skipped_task(use) for use in plan.planned if use.council and use.module is None)


def _look(tenant: TenantPlan, context: VerifyContext) -> Verdict:
    """Say how the login went."""
    return verdict(tenant, tenant_answer(context, tenant))


def verdict(tenant: TenantPlan, reply: TenantReply) -> Verdict:
    """Return the verdict on what a probe says about logging in to a tenant."""
    if reply.outcome == "ok":
        passing_detail = f"logged in at https://{tenant.host_name}/ from its own network, certificate checked"
        return passed_verdict(passing_detail, reply.seconds)
    if reply.outcome == "not-ready":
        return failed_verdict(f"not ready after {reply.seconds:.0f} s: {reply.detail}", reply.seconds)
    return failed_verdict(reply.detail, reply.seconds)


def _skipped_task(use: PlannedUse) -> Task:
    """Return the skipped task for a tenant that is agreed and not stood up."""
    when = f"from {use.start.isoformat()}" if use.start else "without a date"
    return Task(
        id=f"login.{use.council}.{use.instance}",
        subject=f"{use.council} logs in to {use.instance}",
        look=_never,
        council=use.council,
        instance=use.instance,
        skip=f"planned {when}, so not stood up",
    )


def _never(context: VerifyContext) -> Verdict:
    """Refuse to look: a task with a reason to skip is not run."""
    raise AssertionError("a skipped task was run")
