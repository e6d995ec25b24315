"""Address arithmetic: fixed addresses low, the engine's own choice high, so that the two never meet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network


def gateway(network: IPv4Network) -> str:
    """Return the first address, which the container engine's bridge takes."""
    return str(network[1])


def fixed_address(network: IPv4Network, number: int) -> str:
    """Return the address at `number`, for the few containers that must keep theirs; below the dynamic half."""
    if not 1 < number < network.num_addresses // 2:
        raise ValueError(f"{number} is not in the lower half of {network}")
    return str(network[number])


def dynamic_range(network: IPv4Network) -> str:
    """Return the upper half of a network: from it the engine gives addresses to all other containers."""
    return str(list(network.subnets(prefixlen_diff=1))[1])


def loopback_twin(network: IPv4Network) -> str:
    """Return the loopback address for local access to a council: the first address of its network, with 127 in front.

    Unique where the networks are, so that a new council needs no port or address of its own.
    """
    first = int(network.network_address) + 1
    return str(IPv4Address((127 << 24) | (first & 0x00FFFFFF)))
