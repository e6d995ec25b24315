"""The isolated copy of one instance: the same definitions under another name and on networks that nobody has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv4Network, collapse_addresses

from moothall.failures import OperationError
from moothall.model.resolved import Instance, Partnership

_ROOM = IPv4Network("10.0.0.0/8")


def twin_name(partnership: str, instance: str) -> str:
    """Return the partnership name of the copy; everything in it carries it, and nothing else does."""
    return f"{partnership}-drill-{instance}"


def sandbox_partnership(
    partnership: Partnership, instance: str, councils: Iterable[str], busy: Iterable[IPv4Network], spare: int = 0
) -> Partnership:
    """Return the copy: the instance without backups of its own, and the tenants of these councils.

    Nothing is published on the engine's machine. `busy` are networks that may not be used, and `spare` says how many
    that are free to leave to others. Raises OperationError when there is no room for it.
    """
    tenants = tuple(t for t in partnership.tenants if t.instance == instance and t.council in set(councils))
    members = {tenant.council for tenant in tenants}
    moved = _moved(partnership, [*busy, *_networks(partnership)], spare)
    return replace(
        partnership,
        name=twin_name(partnership.name, instance),
        sites={
            name: replace(site, space=moved[site.space], local=_within(site.local, moved), local_access=None)
            for name, site in partnership.sites.items()
        },
        links={
            name: replace(link, network=moved[link.network], ends={}, ports={})
            for name, link in partnership.links.items()
        },
        instances={instance: _instance(partnership.instances[instance], moved)},
        councils={
            name: replace(council, network=_within(council.network, moved))
            for name, council in partnership.councils.items()
            if name in members
        },
        identities={name: uid for name, uid in partnership.identities.items() if name in members},
        tenants=tenants,
        external=(),
        planned=(),
    )


def _instance(instance: Instance, moved: Mapping[IPv4Network, IPv4Network]) -> Instance:
    networks = {site: _within(instance.networks[site], moved) for site in instance.servers}
    return replace(instance, backup=None, published_port=None, networks=networks)


def _networks(partnership: Partnership) -> list[IPv4Network]:
    """Return the networks that hold all others: the sites' address spaces, and the links."""
    spaces = [site.space for site in partnership.sites.values()]
    return [*spaces, *(link.network for link in partnership.links.values())]


def _moved(partnership: Partnership, busy: Iterable[IPv4Network], spare: int) -> dict[IPv4Network, IPv4Network]:
    """Return for each of these networks a free one of the same size."""
    taken, moved = list(collapse_addresses(busy)), {}
    networks = sorted(_networks(partnership), key=lambda network: network.prefixlen)
    for _ in range(spare):
        taken.append(_free(networks[0].prefixlen, taken))
    for network in networks:
        free = _free(network.prefixlen, taken)
        taken.append(free)
        moved[network] = free
    return moved


def _free(prefix: int, taken: list[IPv4Network]) -> IPv4Network:
    for candidate in _ROOM.subnets(new_prefix=max(prefix, _ROOM.prefixlen)):
        if not any(candidate.overlaps(each) for each in taken):
            return candidate
    raise OperationError(
        f"{_ROOM} has no room for another network /{prefix}", state="Nothing was touched.", hint="docker network prune"
    )


def _within(network: IPv4Network, moved: Mapping[IPv4Network, IPv4Network]) -> IPv4Network:
    """Return where a network lies now, at the same place in what holds it."""
    holder = next(each for each in moved if network.subnet_of(each))
    first = int(moved[holder].network_address) + int(network.network_address) - int(holder.network_address)
    return IPv4Network((first, network.prefixlen))
