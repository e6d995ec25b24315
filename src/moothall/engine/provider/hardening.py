"""Containers that belong to no stack and go again: as hardened as every other, said once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docker import APIClient

NO_NETWORK = "none"
SPACE_OF = "container:"
"""Before the name of a container, in place of a network: it shares that container's own view of the network."""
_LOG_SIZE = "32m"
_RESOLVER: dict[str, Any] = {"dns": ["127.0.0.1"], "dns_opt": ["timeout:1", "attempts:1"]}
"""Of names that its networks do not know it asks nobody: the engine would wait for the answer before it stops it."""


def create(
    client: APIClient,
    image: str,
    user: str,
    labels: Mapping[str, str],
    *,
    memory_mb: int,
    pids: int = 64,
    network: str = NO_NETWORK,
    host: Mapping[str, Any] | None = None,
    **how: Any,
) -> str:
    """Create a container that is not started, and return its id. Raises what the SDK raises.

    `network` is the name of one, or `SPACE_OF` and a container. `how` and `host` are more words of the SDK's
    `create_container` and `create_host_config`; they cannot take back what every container is held to.
    """
    from docker.types import LogConfig

    memory = memory_mb * 1024 * 1024
    bounds = client.create_host_config(
        network_mode=network,
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit=memory,
        memswap_limit=memory,
        pids_limit=pids,
        log_config=LogConfig(type="json-file", config={"max-size": _LOG_SIZE, "max-file": "1"}),
        **(_RESOLVER if _resolves(network) else {}),
        **(host or {}),
    )
    made = client.create_container(
        image=image, user=user, labels=dict(labels), healthcheck={"test": ["NONE"]}, host_config=bounds, **how
    )
    return str(made["Id"])


def _resolves(network: str) -> bool:
    return network != NO_NETWORK and not network.startswith(SPACE_OF)
