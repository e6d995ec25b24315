"""On the networks and volumes of each stack there is nobody but whom the plan has put there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from moothall.model.planned import Plan, Stack
from moothall.verify.context import VerifyContext
from moothall.verify.task import Task, Verdict, stack_task, verdict_on
from moothall.verify.volume_users import mounted_by, strangers_on, users


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each stack."""
    for stack in plan.stacks:
        subject = f"nobody else is on the networks and volumes of {stack.name}"
        yield stack_task("members", stack, subject, partial(_look, stack))


def _look(stack: Stack, context: VerifyContext) -> Verdict:
    """Compare who is there with who should be."""
    problems = [line for network in stack.networks for line in _on_network(context, network.name)]
    for volume in stack.volumes:
        planned_names = {c.name for c in stack.containers for mount in c.mounts if mount.volume == volume.key}
        strangers = sorted(users(context.containers, volume.name) - planned_names)
        problems += [f"{stranger} can read the volume {volume.name}" for stranger in strangers]
    for container in stack.containers:
        strangers = sorted(mounted_by(context.containers, container.name))
        problems += [f"{stranger} can read the files of {container.name}" for stranger in strangers]
    counts = f"{len(stack.networks)} networks, {len(stack.volumes)} volumes"
    return verdict_on(problems, f"{counts} and the files of {len(stack.containers)} containers: nobody else has them")


def _on_network(context: VerifyContext, network: str) -> Iterator[str]:
    planned_names = {
        container.name
        for stack in context.plan.stacks
        for container in stack.containers
        if network in {place.network for place in container.networks}
    }
    yield from strangers_on(context.containers, network, planned_names)
