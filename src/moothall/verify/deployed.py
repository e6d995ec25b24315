"""What of an instance does not run: the first thing to know when a step could not be made."""

from __future__ import annotations

from collections.abc import Iterable

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive
from moothall.model.planned import JOB, Plan

UNTOUCHED = "What stands was not touched."


def removal(engine: Engine, container_filter: str) -> str:
    """Return the command that removes the containers that `container_filter`, a filter of `docker ps`, selects.

    It is for what the engine did not remove when it was asked to; one that does not answer has to be started first.
    """
    if _is_silent(engine):
        return "moothall doctor"
    docker = f"docker --host {engine.host}"
    return f"{docker} rm --force --volumes $({docker} ps --all --quiet --filter {container_filter})"


def statuses(engines: Iterable[Engine]) -> dict[str, str]:
    """Return the state ("running", "exited", "paused", ...) of every container by name; a silent engine has none."""
    statuses_by_name: dict[str, str] = {}
    for engine in engines:
        try:
            summaries = engine.containers()
        except Inconclusive:
            continue
        statuses_by_name |= {
            name.lstrip("/"): str(summary["State"]) for summary in summaries for name in summary["Names"] or ()
        }
    return statuses_by_name


def recovery_hint(plan: Plan, instance: str, engine_pool: EnginePool, sites: Iterable[str], retry_command: str) -> str:
    """Return the command that leads on when a step with an instance could not be made that needs these sites.

    An engine that does not answer comes first, then what does not run, which is `up`'s to mend; where everything
    stands it is the same command, `retry_command`, which goes on from there.
    """
    sites = tuple(sites)
    silent_sites = [site for site in sites if _is_silent(engine_pool.of_site(site))]
    if silent_sites:
        return f"moothall doctor  # the engine of {silent_sites[0]} does not answer; then {retry_command}"
    names = [
        container.name
        for stack in plan.stacks
        if stack.site in sites
        for container in stack.containers
        if container.instance == instance and container.kind != JOB
    ]
    statuses_by_name = statuses(engine_pool.all)
    stopped_names = [name for name in names if statuses_by_name.get(name) != "running"]
    if stopped_names:
        word = statuses_by_name.get(stopped_names[0], "missing")
        return f"moothall up --yes  # {stopped_names[0]} is {word}; then {retry_command}"
    return retry_command


def _is_silent(engine: Engine) -> bool:
    try:
        engine.version()
    except Inconclusive:
        return True
    return False
