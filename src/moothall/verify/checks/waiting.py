"""At the mirror's site a tenant's gateway runs and its application waits, made and never started."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from moothall.model.planned import Plan
from moothall.verify.deviations import state
from moothall.verify.scene import Scene, planned_container
from moothall.verify.task import Task, Verdict, judged
from moothall.verify.tenants import sites_of


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each tenant of a mirrored instance."""
    for tenant in plan.tenants:
        if tenant.waiting_application and tenant.waiting_gateway:
            names = (tenant.waiting_gateway, tenant.waiting_application)
            yield Task(
                id=f"waiting.{tenant.council}.{tenant.instance}",
                subject=f"{tenant.council_title} could move to the mirror of {tenant.instance_title}",
                look=partial(_look, names),
                council=tenant.council,
                instance=tenant.instance,
                sites=sites_of(plan, tenant),
            )


def _look(names: tuple[str, ...], scene: Scene) -> Verdict:
    """Compare the state of both containers with the plan."""
    wrong = []
    for name in names:
        found = scene.engine.container(name)
        wrong += [f"{name} {deviation}" for deviation in state(planned_container(scene.plan, name), found)]
    return judged(wrong, "its gateway and its application stand by at the mirror's site")
