"""The definitions with which a council that has left runs alone: itself, one site, its instances, nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from itertools import islice
from pathlib import Path

from moothall import private
from moothall.edit.wording import Value, written
from moothall.leaving.tenancy import Tenancy
from moothall.model.written import Definitions, Folder, Instance

FOLDER = "definitions"
_SITE = "home"
_HIGHEST = 254
_LONGEST_NAME = 40
_COUNCIL_NET, _FIRST_INSTANCE, _DESK_NET = 8, 16, 255
"""Third octets of the networks in the site's address space."""


def write(folder: Path, definitions: Definitions, origin: Folder, tenancies: Sequence[Tenancy]) -> None:
    """Write the definitions below a folder: a partnership of one, in an address space that nobody has described."""
    council = tenancies[0].council
    name = partnership_name(council.metadata.name)
    place = folder / FOLDER / "partnerships" / name
    private.folder(place / "councils")
    space = _free(definitions)
    lines = _partnership(name, space, origin, tenancies)
    private.write(place / "partnership.yaml", "\n".join(lines) + "\n")
    lines = _council(space, origin, tenancies)
    private.write(place / "councils" / f"{council.metadata.name}.yaml", "\n".join(lines) + "\n")


def partnership_name(council: str) -> str:
    """Return the name of the partnership of one."""
    suffix = "-alone"
    return council[: _LONGEST_NAME - len(suffix)].rstrip("-") + suffix


def _partnership(name: str, space: IPv4Network, origin: Folder, tenancies: Sequence[Tenancy]) -> Iterator[str]:
    council = tenancies[0].council
    yield from _head("Partnership", name, str(uuid.uuid4()), f"{council.metadata.title}, alone")
    yield f"  agreed: {council.joined}"
    yield f"  domain: {written(origin.partnership.domain)} # that of the partnership it was in"
    yield f"  parties: [{council.metadata.name}]"
    yield "  sites:"
    site = {"owner": council.metadata.name, "network": str(space), "local": _net(space, 0)}
    yield f"    {_SITE}: {written({**site, 'desk': _net(space, _DESK_NET)})}"
    yield "  instances:"
    for number, tenancy in enumerate(tenancies):
        yield from _instance(origin.partnership.instances[tenancy.instance], number, space, tenancies)


def _instance(instance: Instance, number: int, space: IPv4Network, tenancies: Sequence[Tenancy]) -> Iterator[str]:
    [tenancy] = [each for each in tenancies if each.instance == instance.name]
    yield f"    {instance.name}:"
    if instance.title:
        yield f"      title: {written(instance.title)}"
    yield f"      host: {tenancy.council.metadata.name}"
    yield f"      site: {_SITE}"
    yield f"      product: {written(instance.product)}"
    yield f"      network: {_net(space, _FIRST_INSTANCE + number)}"
    if instance.desk_port:
        yield f"      desk-port: {instance.desk_port}"
    yield f"      offers: {written(sorted(tenancy.tenant.modules))}"


def _council(space: IPv4Network, origin: Folder, tenancies: Sequence[Tenancy]) -> Iterator[str]:
    council = tenancies[0].council
    yield from _head("Council", council.metadata.name, str(council.metadata.uid), council.metadata.title)
    yield f"  joined: {council.joined}"
    yield f"  site: {_SITE}"
    yield f"  network: {_net(space, _COUNCIL_NET)}"
    yield "  uses:"
    for tenancy in tenancies:
        yield f"    {tenancy.instance}:"
        for key, value in _settings(origin.partnership.instances[tenancy.instance], tenancy).items():
            yield f"      {key}: {written(value)}"
        yield "      modules:"
        yield from (f"        {module}: {{}}" for module in sorted(tenancy.tenant.modules))


def _settings(instance: Instance, tenancy: Tenancy) -> dict[str, Value]:
    """Return what was set for the tenant, by its own file or for all tenants of the instance."""
    levels = [level for level in (instance.tenants, tenancy.use.tenancy) if level]
    found: dict[str, Value] = {}
    for level in levels:
        settings = {"memory": level.memory, "session": level.session, "password-length": level.password_length}
        found |= {key: value for key, value in settings.items() if value is not None}
    return found


def _head(kind: str, name: str, uid: str, title: str) -> Iterator[str]:
    yield "apiVersion: moothall/v1"
    yield f"kind: {kind}"
    yield "metadata:"
    yield f"  name: {written(name)}"
    yield f"  uid: {uid}"
    yield f"  title: {written(title)}"
    yield "spec:"


def _net(space: IPv4Network, third: int) -> str:
    return str(next(islice(space.subnets(new_prefix=24), third, None)))


def _free(definitions: Definitions) -> IPv4Network:
    """Return the highest network 10.N.0.0/16 that meets none of the sites and links in the definitions."""
    taken = [IPv4Network(site.network) for each in definitions.folders for site in each.partnership.sites.values()]
    taken += [IPv4Network(link.network) for each in definitions.folders for link in each.partnership.links]
    spaces = (IPv4Network(f"10.{second}.0.0/16") for second in range(_HIGHEST, 0, -1))
    return next(space for space in spaces if not any(space.overlaps(each) for each in taken))
