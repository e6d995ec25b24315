"""Whether a container is well now: its engine hears of a recovery at the next check, up to two minutes late."""

from __future__ import annotations

import time

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.port import Inspected
from moothall.failures import Inconclusive
from moothall.model.planned import Container

PATIENCE_SECONDS = 15.0
"""How long something that has just been started may say that it is not well."""
LOOK_SECONDS = 0.5


def settled(engine: Engine, planned: Container) -> Inspected | None:
    """Return what the engine shows of a container; where it says "unhealthy" the check is recreated, until it is good.

    After `PATIENCE_SECONDS` it is ill. Raises `Inconclusive` when the engine does not answer.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = engine.container(planned.name)
        if found is None or found["State"].get("Health", {}).get("Status") != "unhealthy":
            return found
        if _well(engine, planned):
            return {**found, "State": {**found["State"], "Health": {"Status": "healthy"}}}
        if time.monotonic() > until:
            return found
        time.sleep(LOOK_SECONDS)


def _well(engine: Engine, planned: Container) -> bool:
    """Make the container's own health check, as its engine does."""
    if planned.health is None:
        return False
    try:
        return engine.run(planned.name, planned.health.command[1:])[0] == 0
    except Inconclusive:  # it has ended meanwhile
        return False
