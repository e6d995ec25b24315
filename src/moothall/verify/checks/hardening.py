"""Everything in a stack stands as planned: containers as hardened as declared, networks as closed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from moothall.docker_engine.hardening import pids_limit
from moothall.model.planned import Plan, Stack
from moothall.verify.context import VerifyContext
from moothall.verify.health import settled_state
from moothall.verify.spec_diff import deviations, has_limit_of_processes, network_deviations
from moothall.verify.task import Task, Verdict, verdict_on


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
    problems, boundless, engine = [], list[str](), context.engine_pool.of_site(stack.site)
    for network in stack.networks:
        actual = engine.network(network.name)
        problems += [f"{network.key} {deviation}" for deviation in network_deviations(network, actual)]
    for container in stack.containers:
        actual_container = settled_state(engine, container)
        problems += [f"{container.key} {deviation}" for deviation in deviations(stack, container, actual_container)]
        if actual_container and not has_limit_of_processes(actual_container["HostConfig"]):
            boundless.append(f"docker update --pids-limit {pids_limit(container.memory_mb)} {container.name}")
    passing_detail = f"{len(stack.containers)} containers and {len(stack.networks)} networks as planned"
    if boundless:  # a gap between the two engines that `up` does not see, and no deviation
        passing_detail += f"; without a limit of processes, as Pulumi's own engine makes them: {'; '.join(boundless)}"
    return verdict_on(problems, passing_detail)
