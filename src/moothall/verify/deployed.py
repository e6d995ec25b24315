"""What of an instance does not run: the first thing to know when a step could not be made."""

from __future__ import annotations

from collections.abc import Iterable

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive
from moothall.model.planned import JOB, Plan

UNTOUCHED = "What stands was not touched."


def removal(engine: Engine, only: str) -> str:
    """Return the command that takes away the containers that `only`, a filter of `docker ps`, lets through.

    It is for what the engine did not remove when it was asked to; one that does not answer has to be started first.
    """
    if _silent(engine):
        return "moothall doctor"
    docker = f"docker --host {engine.host}"
    return f"{docker} rm --force --volumes $({docker} ps --all --quiet --filter {only})"


def statuses(engines: Iterable[Engine]) -> dict[str, str]:
    """Return the state ("running", "exited", "paused", ...) of every container by name; a silent engine has none."""
    found: dict[str, str] = {}
    for engine in engines:
        try:
            listed = engine.containers()
        except Inconclusive:
            continue
        found |= {name.lstrip("/"): str(each["State"]) for each in listed for name in each["Names"] or ()}
    return found


def recovery_hint(plan: Plan, instance: str, engine_pool: EnginePool, sites: Iterable[str], again: str) -> str:
    """Return the command that leads on when a step with an instance could not be made that needs these sites.

    An engine that does not answer comes first, then what does not run, which is `up`'s to mend; where everything
    stands it is the same command `again`, which goes on from there.
    """
    sites = tuple(sites)
    silent = [site for site in sites if _silent(engine_pool.at(site))]
    if silent:
        return f"moothall doctor  # the engine of {silent[0]} does not answer; then {again}"
    names = [
        container.name
        for stack in plan.stacks
        if stack.site in sites
        for container in stack.containers
        if container.instance == instance and container.kind != JOB
    ]
    found = statuses(engine_pool.all)
    down = [name for name in names if found.get(name) != "running"]
    if down:
        word = found.get(down[0], "missing")
        return f"moothall up --yes  # {down[0]} is {word}; then {again}"
    return again


def _silent(engine: Engine) -> bool:
    try:
        engine.version()
    except Inconclusive:
        return True
    return False
