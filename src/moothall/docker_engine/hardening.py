"""The hardening of containers that belong to no stack, the same as that of every other container."""

from __future__ import annotations

from typing import Any

NO_NETWORK = "none"
SPACE_OF = "container:"
"""Before the name of a container, in place of a network: it shares that container's own view of the network."""
_LOG = {"Type": "json-file", "Config": {"max-size": "32m", "max-file": "1"}}
_RESOLVER = {"Dns": ["127.0.0.1"], "DnsOptions": ["timeout:1", "attempts:1"]}
"""Of names that its networks do not know it asks nobody: the engine would wait for the answer before it stops it."""


def pids_limit(memory_mb: int) -> int:
    """Return how many processes, threads among them, a container of a stack may have: one for each two mebibytes that
    it may take, and 64 at least. So it follows from what Pulumi's provider has a word for; for this it has none.
    """
    return max(64, memory_mb // 2)


def hardened_host_config(network: str, memory_mb: int, pids: int) -> dict[str, Any]:
    """Return the host's part of a create request (`HostConfig` of the HTTP API): no privileges, and bounds.

    `network` is the name of one, or `SPACE_OF` and a container.
    """
    memory = memory_mb * 1024 * 1024
    uses_resolver = network != NO_NETWORK and not network.startswith(SPACE_OF)
    return {
        "NetworkMode": network,
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "Memory": memory,
        "MemorySwap": memory,
        "PidsLimit": pids,
        "LogConfig": _LOG,
        **(_RESOLVER if uses_resolver else {}),
    }
