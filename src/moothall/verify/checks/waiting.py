"""At the site that does not serve a tenant its gateway runs, and its application waits there with its models loaded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line
from moothall.model.planned import Plan
from moothall.verify.context import VerifyContext, planned_container
from moothall.verify.health import settled_state
from moothall.verify.spec_diff import state
from moothall.verify.task import Task, Verdict, verdict_on
from moothall.verify.tenants import tenant_task

PATIENCE = {"waiting": 0, "loading": 90}
"""How many seconds what an application says may last before it counts; it gives way for twenty before it loads."""
ANSWER_SECONDS = 15
"""The same of anything else that it says, or of nothing."""


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each tenant of a mirrored instance."""
    failed_over = {mirror.instance for mirror in plan.mirrors if mirror.active}
    for tenant in plan.tenants:
        if tenant.waiting_application and tenant.waiting_gateway:
            names = (tenant.waiting_gateway, tenant.waiting_application)
            home = (tenant.gateway, tenant.application)
            look = partial(_look, home if tenant.instance in failed_over else names)
            subject = f"{tenant.council_title} could move to the other site of {tenant.instance_title}"
            yield tenant_task("waiting", plan, tenant, subject, look)


def _look(names: tuple[str, str], context: VerifyContext) -> Verdict:
    """Compare the state of both containers with the plan, and ask the application whether it waits."""
    problems = []
    for name in names:
        expected = planned_container(context.plan, name)
        actual = settled_state(context.engine_pool.of(name), expected)
        problems += [f"{name} {deviation}" for deviation in state(expected, actual)]
    if not problems:
        application_state = _application_state(context.engine_pool.of(names[1]), names[1])
        problems += (
            [] if application_state == "waiting" else [f"{names[1]} does not wait: {last_line(application_state)}"]
        )
    return verdict_on(problems, "its gateway and its application stand by at the other site")


def _application_state(engine: Engine, application: str) -> str:
    """Return what an application says it does; one that has just been started is given time to load its models.

    One that begins anew, as it does when its server becomes a standby, says nothing at all for a moment.
    """
    start = time.monotonic()
    while True:
        output = engine.run(application, ["ready"])[1]
        if time.monotonic() - start >= PATIENCE.get(output, ANSWER_SECONDS):
            return output
        time.sleep(1)
