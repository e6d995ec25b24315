"""Which container engine serves which site, how it is reached, and where the links between engines end.

Without any of it every site is served by the local engine, and no link leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Endpoint(NamedTuple):
    """How an engine is reached: `unix://`, `ssh://`, or `tcp://` with a folder of certificates for mutual TLS.

    The folder holds `ca.pem`, `cert.pem` and `key.pem`.
    """

    host: str
    certificates: str = ""


class Engine(NamedTuple):
    """One engine: the sites it serves; for each link that leaves it the address of its machine there; chosen ports.

    `ports` names, by what receives (`gateway.durham.erp.durham-dc`), ports that are not to be the derived ones.
    """

    name: str
    endpoint: Endpoint
    sites: tuple[str, ...]
    links: Mapping[str, str]
    ports: Mapping[str, int]


class Engines(NamedTuple):
    """All engines; `local` serves the sites that none of the others does."""

    local: Endpoint
    named_engines: tuple[Engine, ...] = ()

    def engine_of(self, site: str) -> Engine | None:
        """Return the engine that was named for a site, None for the local one."""
        return next((engine for engine in self.named_engines if site in engine.sites), None)

    def endpoint_of(self, site: str) -> Endpoint:
        """Return how the engine of a site is reached."""
        engine = self.engine_of(site)
        return engine.endpoint if engine else self.local

    def ends(self, link: str, sites: tuple[str, str]) -> dict[str, str]:
        """Return the address at each end of a link by site, nothing for a link that does not leave its engine.

        Raises KeyError for a link that leaves an engine which has no address on it.
        """
        if self.endpoint_of(sites[0]) == self.endpoint_of(sites[1]):
            return {}
        return {site: engine.links[link] for site in sites for engine in [self.engine_of(site)] if engine}
