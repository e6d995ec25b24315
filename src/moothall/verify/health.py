"""Whether a container is well now: its engine hears of a recovery at the next check, up to two minutes late."""

from __future__ import annotations

import time

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.port import EngineObject
from moothall.failures import Inconclusive
from moothall.model.planned import Container

PATIENCE_SECONDS = 15.0
"""How long something that has just been started may say that it is not well."""
LOOK_SECONDS = 0.5


def settled_state(engine: Engine, container: Container) -> EngineObject | None:
    """Inspect a container; while its engine calls it "unhealthy", its health check is run until it passes.

    After `PATIENCE_SECONDS` it counts as unhealthy. Raises `Inconclusive` when the engine does not answer.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        state = engine.container(container.name)
        if state is None or state["State"].get("Health", {}).get("Status") != "unhealthy":
            return state
        if _passes_health_check(engine, container):
            return {**state, "State": {**state["State"], "Health": {"Status": "healthy"}}}
        if time.monotonic() > deadline:
            return state
        time.sleep(LOOK_SECONDS)


def _passes_health_check(engine: Engine, container: Container) -> bool:
    """Make the container's own health check, as its engine does."""
    if container.health is None:
        return False
    try:
        return engine.run(container.name, container.health.command[1:])[0] == 0
    except Inconclusive:  # it has ended meanwhile
        return False
