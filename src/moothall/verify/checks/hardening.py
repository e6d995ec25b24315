"""Everything in a stack stands as planned: containers as hardened as declared, networks as closed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from moothall.model.planned import Plan, Stack
from moothall.verify.context import VerifyContext
from moothall.verify.health import settled
from moothall.verify.spec_diff import deviations, network_deviations
from moothall.verify.task import Task, Verdict, judged


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each stack."""
    for stack in plan.stacks:
        instances = {container.instance for container in stack.containers}
        yield Task(
            id=f"hardening.{stack.name}",
            subject=f"{stack.name} stands as planned",
            look=partial(_look, stack),
            council=stack.council,
            instance=stack.unit if stack.kind == "instance" else instances.pop() if len(instances) == 1 else None,
            sites=(stack.site,),
        )


def _look(stack: Stack, context: VerifyContext) -> Verdict:
    """Compare every container and network of the stack with the plan."""
    wrong, engine = [], context.engine_pool.at(stack.site)
    for network in stack.networks:
        found = engine.network(network.name)
        wrong += [f"{network.key} {deviation}" for deviation in network_deviations(network, found)]
    for container in stack.containers:
        inspected = settled(engine, container)
        wrong += [f"{container.key} {deviation}" for deviation in deviations(stack, container, inspected)]
    good = f"{len(stack.containers)} containers and {len(stack.networks)} networks as planned"
    return judged(wrong, good)
