"""Who has to agree to a change of terms: those whom the changed line binds, or costs something.

What a site offers is for its owner and who runs it; the terms of an instance or external service for who provides it,
everyone who uses it, and the owner of a site where copies of it are; what it costs, the agreement itself and who is a
member of it for the parties, who decide together. A council's use is for the council and the provider.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.written import Folder
from moothall.review.lines import Line
from moothall.source import Route

_MEMBERSHIP = frozenset(("joined", "notice-given", "leaves"))


def agreeing_parties(folder: Folder, line: Line) -> Iterator[str]:
    """Yield the parties, by name, that have to agree to a line of a partnership; none for a file of another one."""
    owners = folder.partnership.organisations
    for party in _bound_parties(folder, line):
        owners_of_party = owners[party].owned_by if party in owners else ()
        yield from owners_of_party or (party,)


def _bound_parties(folder: Folder, line: Line) -> Iterator[str]:
    folder_path = f"partnerships/{folder.partnership.metadata.name}/"
    if line.path.startswith("modules/"):
        yield from _of_module(folder, line.path.split("/")[1])
    elif line.path == f"{folder_path}partnership.yaml":
        yield from _of_partnership(folder, line.route)
    elif line.path.startswith(folder_path):
        name = line.path.rsplit("/", 1)[1].removesuffix(".yaml")
        yield name
        yield from _of_council(folder, name, line)


def _of_partnership(folder: Folder, route: Route) -> Iterator[str]:
    partnership = folder.partnership
    match route:
        case ("spec", "sites", str(name), *_):
            if site := partnership.sites.get(name):
                yield site.owner
                yield site.run_by or site.owner
        case ("spec", "instances" | "external", str(name), *_):
            yield from _of_service(folder, name)
        case ("spec", "shares", str(name), *_):
            yield from partnership.parties
            yield from _of_service(folder, name)
        case _:
            yield from partnership.parties


def _of_service(folder: Folder, name: str) -> Iterator[str]:
    """Yield who provides a service, who owns the sites where it is kept, and who uses it."""
    partnership = folder.partnership
    yield from _provider(folder, name)
    if instance := partnership.instances.get(name):
        copies = [copy.site for copy in (instance.mirror, instance.backup) if copy]
        yield from (partnership.sites[site].owner for site in (instance.site, *copies))
    yield from (council.metadata.name for council in folder.councils if name in council.uses)


def _of_council(folder: Folder, name: str, line: Line) -> Iterator[str]:
    match line.route:
        case ("spec", "uses", str(instance), *rest):
            yield from _provider(folder, instance)
            yield from folder.partnership.parties if rest[:1] == ["share"] else ()
            yield from _data_owners(folder, name, instance, rest)
        case ("spec", "offered", str(instance), *_):
            yield from _provider(folder, instance)
        case ("spec", str(term), *_) if term in _MEMBERSHIP:
            yield from folder.partnership.parties


def _data_owners(folder: Folder, name: str, instance: str, rest: list[str | int]) -> Iterator[str]:
    """Yield who answers for the data of a module whose `data-owner` changes."""
    for council in folder.councils:
        if council.metadata.name == name and len(rest) == 3 and rest[2] == "data-owner":
            use = council.uses.get(instance)
            module = use.modules.get(str(rest[1])) if use else None
            yield from [module.data_owner] if module and module.data_owner else []


def _of_module(folder: Folder, module: str) -> Iterator[str]:
    """Yield who provides a module and who uses it."""
    for council in folder.councils:
        for name, use in council.uses.items():
            instance = folder.partnership.instances.get(name)
            common = instance.tenants.modules if instance and instance.tenants else {}
            if module in use.modules or module in common:
                yield council.metadata.name
                yield from _provider(folder, name)


def _provider(folder: Folder, name: str) -> Iterator[str]:
    if instance := folder.partnership.instances.get(name):
        yield instance.host
    if external := folder.partnership.external.get(name):
        yield external.provider
