"""The definitions with which a council that has left runs alone: itself, one site, its instances, nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from itertools import islice
from pathlib import Path

from moothall import private
from moothall.failures import OperationError
from moothall.language.edit.council_file import modules_in_use
from moothall.language.edit.scalars import Value
from moothall.language.edit.yaml_writer import CommentedValue, InlineMapping, definition
from moothall.model.free_network import next_free_network
from moothall.model.written import Definitions, Folder, Instance, Metadata
from moothall.operations.offboarding.tenancy import Tenancy

FOLDER = "definitions"
_SITE = "home"
_HIGHEST_OCTET = 254
_LONGEST_NAME = 40
_COUNCIL_NET, _FIRST_INSTANCE, _LOCAL_ACCESS_NET = 8, 16, 255
"""Third octets of the networks in the site's address space."""


def write(folder: Path, definitions: Definitions, origin: Folder, tenancies: Sequence[Tenancy]) -> None:
    """Write the definitions below a folder: a partnership of one, in an address space that nobody has described."""
    council = tenancies[0].council
    name = partnership_name(council.metadata.name)
    place = folder / FOLDER / "partnerships" / name
    private.folder(place / "councils")
    space = _free_space(definitions)
    private.write(place / "partnership.yaml", _partnership(name, space, origin, tenancies))
    private.write(place / "councils" / f"{council.metadata.name}.yaml", _council(space, origin, tenancies))


def partnership_name(council: str) -> str:
    """Return the name of the partnership of one."""
    suffix = "-alone"
    return council[: _LONGEST_NAME - len(suffix)].rstrip("-") + suffix


def _partnership(name: str, space: IPv4Network, origin: Folder, tenancies: Sequence[Tenancy]) -> str:
    council = tenancies[0].council
    owner = council.metadata.name
    site = {
        "owner": owner,
        "network": str(space),
        "local": _net(space, 0),
        "local-access": _net(space, _LOCAL_ACCESS_NET),
    }
    spec = {
        "agreed": council.joined,
        "domain": CommentedValue(origin.partnership.domain, "that of the partnership it was in"),
        "parties": [owner],
        "sites": {_SITE: InlineMapping(site)},
        "instances": {
            each.instance: _instance(origin.partnership.instances[each.instance], _net(space, number), each)
            for number, each in enumerate(tenancies, _FIRST_INSTANCE)
        },
    }
    metadata = Metadata(name, str(uuid.uuid4()), f"{council.metadata.title}, alone")
    return definition("Partnership", spec, metadata)


def _instance(instance: Instance, network: str, tenancy: Tenancy) -> Mapping[str, object]:
    return {
        **({"title": instance.title} if instance.title else {}),
        "host": tenancy.council.metadata.name,
        "site": _SITE,
        "product": instance.product,
        "network": network,
        **({"published-port": instance.published_port} if instance.published_port else {}),
        "offers": sorted(tenancy.tenant.modules),
    }


def _council(space: IPv4Network, origin: Folder, tenancies: Sequence[Tenancy]) -> str:
    council = tenancies[0].council
    uses = {
        each.instance: {
            **_settings(origin.partnership.instances[each.instance], each),
            **modules_in_use(sorted(each.tenant.modules)),
        }
        for each in tenancies
    }
    spec = {"joined": council.joined, "site": _SITE, "network": _net(space, _COUNCIL_NET), "uses": uses}
    return definition("Council", spec, council.metadata)


def _settings(instance: Instance, tenancy: Tenancy) -> dict[str, Value]:
    """Return what was set for the tenant, by its own file or for all tenants of the instance."""
    levels = [level for level in (instance.tenants, tenancy.use.tenancy) if level]
    values: dict[str, Value] = {}
    for level in levels:
        settings = {"memory": level.memory, "session": level.session, "password-length": level.password_length}
        values |= {key: value for key, value in settings.items() if value is not None}
    return values


def _net(space: IPv4Network, third_octet: int) -> str:
    return str(next(islice(space.subnets(new_prefix=24), third_octet, None)))


def _free_space(definitions: Definitions) -> IPv4Network:
    """Return the highest network 10.N.0.0/16 that meets none of the sites and links in the definitions.

    Raises OperationError where none is free.
    """
    taken_networks = [
        IPv4Network(site.network) for each in definitions.folders for site in each.partnership.sites.values()
    ]
    taken_networks += [IPv4Network(link.network) for each in definitions.folders for link in each.partnership.links]
    spaces = (IPv4Network(f"10.{second}.0.0/16") for second in range(_HIGHEST_OCTET, 0, -1))
    if space := next_free_network(spaces, taken_networks):
        return space
    raise OperationError(
        "10.0.0.0/8 has no /16 left for a council that is to run alone",
        state="Nothing was exported.",
        hint="moothall graph  # shows the sites and links of which one needs a smaller network",
    )
