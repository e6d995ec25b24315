"""An application knows its own gateway by a name that only this has."""

from __future__ import annotations

from datetime import date

from moothall import paths
from moothall.compilation import compile_all
from moothall.validation.validate import validate

DAY = date(2026, 11, 22)


def test_every_application_names_the_gateway_that_serves_its_council() -> None:
    """On the application's own network, at each site, in all shipped partnerships."""
    found = 0
    for plan in compile_all(validate(paths.PROJECT, DAY).definitions, DAY):
        containers = [container for stack in plan.stacks for container in stack.containers]
        for application in (container for container in containers if container.role == "application"):
            [network] = [place.network for place in application.networks]
            named = [
                (container.role, container.council)
                for container in containers
                for place in container.networks
                if place.network == network and application.environment["GATEWAY"] in (container.name, *place.aliases)
            ]
            assert named == [("gateway", application.council)]
            found += 1
    assert found > 20
