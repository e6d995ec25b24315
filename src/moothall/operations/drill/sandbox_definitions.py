"""The isolated copy of one instance: the same definitions under another name and on networks that nobody has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv4Network, collapse_addresses

from moothall.failures import OperationError
from moothall.model.free_network import next_free_network
from moothall.model.resolved import Instance, Partnership

_ROOM = IPv4Network("10.0.0.0/8")


def twin_name(partnership: str, instance: str) -> str:
    """Return the partnership name of the copy; everything in it carries it, and nothing else does.

    All that carries it is cleared away. No partnership can be called so: a name has no `_` (`model.name`).
    """
    return f"{partnership}_drill_{instance}"


def sandbox_partnership(
    partnership: Partnership,
    instance: str,
    councils: Iterable[str],
    used_networks: Iterable[IPv4Network],
    spare_count: int = 0,
) -> Partnership:
    """Return the copy: the instance without backups of its own, and the tenants of these councils.

    Nothing is published on the engine's machine. `used_networks` may not be used, and `spare_count` is the
    number of free ones to leave to others. Raises OperationError when there is no room for it.
    """
    tenants = tuple(t for t in partnership.tenants if t.instance == instance and t.council in set(councils))
    members = {tenant.council for tenant in tenants}
    new_networks = _choose_networks(partnership, [*used_networks, *_networks(partnership)], spare_count)
    return replace(
        partnership,
        name=twin_name(partnership.name, instance),
        sites={
            name: replace(
                site, space=new_networks[site.space], local=_relocate(site.local, new_networks), local_access=None
            )
            for name, site in partnership.sites.items()
        },
        links={
            name: replace(link, network=new_networks[link.network], ends={}, ports={})
            for name, link in partnership.links.items()
        },
        instances={instance: _instance(partnership.instances[instance], new_networks)},
        councils={
            name: replace(council, network=_relocate(council.network, new_networks))
            for name, council in partnership.councils.items()
            if name in members
        },
        identities={name: uid for name, uid in partnership.identities.items() if name in members},
        tenants=tenants,
        external=(),
        planned=(),
        logs=None,
    )


def _instance(instance: Instance, new_networks: Mapping[IPv4Network, IPv4Network]) -> Instance:
    networks = {site: _relocate(instance.networks[site], new_networks) for site in instance.servers}
    return replace(instance, backup=None, published_port=None, networks=networks)


def _networks(partnership: Partnership) -> list[IPv4Network]:
    """Return the networks that hold all others: the sites' address spaces, and the links."""
    spaces = [site.space for site in partnership.sites.values()]
    return [*spaces, *(link.network for link in partnership.links.values())]


def _choose_networks(
    partnership: Partnership, used_networks: Iterable[IPv4Network], spare_count: int
) -> dict[IPv4Network, IPv4Network]:
    """Return for each of these networks a free one of the same size."""
    taken_networks, new_networks = list(collapse_addresses(used_networks)), {}
    networks = sorted(_networks(partnership), key=lambda network: network.prefixlen)
    for _ in range(spare_count):
        taken_networks.append(_free_network(networks[0].prefixlen, taken_networks))
    for network in networks:
        free_network = _free_network(network.prefixlen, taken_networks)
        taken_networks.append(free_network)
        new_networks[network] = free_network
    return new_networks


def _free_network(prefix: int, taken_networks: list[IPv4Network]) -> IPv4Network:
    candidates = _ROOM.subnets(new_prefix=max(prefix, _ROOM.prefixlen))
    if network := next_free_network(candidates, taken_networks):
        return network
    raise OperationError(
        f"{_ROOM} has no room for another network /{prefix}", state="Nothing was touched.", hint="docker network prune"
    )


def _relocate(network: IPv4Network, new_networks: Mapping[IPv4Network, IPv4Network]) -> IPv4Network:
    """Return where a network lies now, at the same place in what holds it."""
    parent = next(candidate for candidate in new_networks if network.subnet_of(candidate))
    first = int(new_networks[parent].network_address) + int(network.network_address) - int(parent.network_address)
    return IPv4Network((first, network.prefixlen))
