"""The engines of a plan's sites, each opened once, and which of them holds what."""

from __future__ import annotations

from moothall.docker_engine.connection import COMMAND_SECONDS
from moothall.docker_engine.engine import Engine
from moothall.model.engines import Endpoint, Engines
from moothall.model.planned import Plan


class EnginePool:
    """The engines that a plan stands on."""

    def __init__(self, plan: Plan, engines: Engines, seconds: float = COMMAND_SECONDS) -> None:
        """Take the plan, which engine serves which site, and how long a call may take; nothing is connected yet."""
        self._engines = engines
        self._engines_by_endpoint: dict[Endpoint, Engine] = {}
        for stack in plan.stacks:
            self._engines_by_endpoint.setdefault(
                engines.endpoint_of(stack.site), Engine(engines.endpoint_of(stack.site), seconds)
            )
        self._containers = {container.name: stack.site for stack in plan.stacks for container in stack.containers}
        self._networks = {network.name: stack.site for stack in plan.stacks for network in stack.networks}

    @property
    def all(self) -> tuple[Engine, ...]:
        """Every engine, each once."""
        return tuple(self._engines_by_endpoint.values())

    def of_site(self, site: str) -> Engine:
        """Return the engine of a site."""
        return self._engines_by_endpoint[self._engines.endpoint_of(site)]

    def of(self, container: str) -> Engine:
        """Return the engine of a planned container."""
        return self.of_site(self._containers[container])

    def of_network(self, network: str) -> Engine:
        """Return the engine of a planned network."""
        return self.of_site(self._networks[network])
