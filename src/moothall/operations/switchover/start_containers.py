"""Having everything of an instance run that leads to its servers, or serves beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive
from moothall.model.planned import JOB, Container, Plan
from moothall.verify.deployed import statuses

MAX_PARALLEL = 8
SERVER = "postgres"
TRANSIT_ROLES = ("transit", "database-transit")
"""The roles of what only hands on between sites."""
LINK_ROLES = ("database-relay", "database-transit")
"""The roles of what the two servers hear each other through."""


def start_containers(
    plan: Plan, instance: str, engine_pool: EnginePool, sites: Iterable[str], transit_sites: Iterable[str] = ()
) -> list[str]:
    """Start what belongs to an instance at `sites` and does not run; at `transit_sites` only what hands on.

    The servers themselves are left alone. Return a sentence for each thing that is missing or could not be started: it
    holds nothing else up.
    """
    sites, transit_sites = tuple(sites), tuple(transit_sites)
    names = [
        *_container_names(plan, instance, sites, lambda container: container.role != SERVER),
        *_container_names(plan, instance, transit_sites, lambda container: container.role in TRANSIT_ROLES),
    ]
    with ThreadPoolExecutor(MAX_PARALLEL) as pool:
        return [
            error
            for error in pool.map(lambda name: _start_error(engine_pool, name), _names_not_running(engine_pool, names))
            if error
        ]


def missing_link(plan: Plan, instance: str, engine_pool: EnginePool) -> str:
    """Return a sentence about what is missing between an instance's servers, "" where all is there.

    Of a silent engine nobody knows what it has. What is there and does not run yet may come up.
    """
    sites = tuple({stack.site for stack in plan.stacks})
    for name in _container_names(plan, instance, sites, lambda container: container.role in LINK_ROLES):
        try:
            if engine_pool.of(name).container(name) is None:
                return f"Neither server hears the other: {name}, which hands on between them, is missing."
        except Inconclusive:
            continue
    return ""


def _container_names(
    plan: Plan, instance: str, sites: tuple[str, ...], matches: Callable[[Container], bool]
) -> list[str]:
    return [
        container.name
        for stack in plan.stacks
        if stack.site in sites
        for container in stack.containers
        if container.instance == instance and container.kind != JOB and matches(container)
    ]


def _names_not_running(engine_pool: EnginePool, names: Iterable[str]) -> list[str]:
    names = tuple(names)
    states = statuses({engine_pool.of(name) for name in names})
    return [name for name in names if states.get(name) != "running"]


def _start_error(engine_pool: EnginePool, name: str) -> str:
    try:
        engine_pool.of(name).ensure_running(name)
    except Inconclusive as reason:
        return str(reason)
    return ""
