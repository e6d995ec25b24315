"""The names that may be referred to: what is there, and what may be there in files that could not be read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from moothall.model.written import ANY, Council, Definitions, External, Folder, Instance, Module, Partnership
from moothall.source import Span

Service = Instance | External
"""What a council can use: both have a name, and offer modules."""


class Reference(NamedTuple):
    """A reference to a name, its place, and the names that are excluded as corrections of it."""

    name: str
    span: Span
    excluded_names: Collection[str] = ()


def councils(folder: Folder) -> frozenset[str]:
    """Return the names of a partnership's councils; where a file and what is in it differ, either may be the right one.

    The rule file-name says so where it is, and nobody else is blamed.
    """
    return _or_any(folder.unread_councils.union(*(council_names(council) for council in folder.councils)))


def council_names(council: Council) -> tuple[str, str]:
    """Return the name in a council's file, and that of the file."""
    return council.metadata.name, council.origin.document.path.rpartition("/")[2].removesuffix(".yaml")


def module_names(module: Module) -> tuple[str, str]:
    """Return the name in a module's file, and that of its folder."""
    return module.metadata.name, module.origin.document.path.split("/")[-2]


def parties(folder: Folder) -> frozenset[str]:
    """Return the names of a partnership's councils and organisations."""
    return _or_any(councils(folder).union(folder.partnership.organisations))


def services(partnership: Partnership) -> Mapping[str, Service]:
    """Return the instances and external services of a partnership, by name."""
    return {**partnership.external, **partnership.instances}


def modules(definitions: Definitions) -> frozenset[str]:
    """Return the names in the module catalogue."""
    return _or_any(definitions.unread_modules.union(*map(module_names, definitions.modules.values())))


class _Any(frozenset[str]):
    """A set of names of unknown extent, which contains every name."""

    def __contains__(self, name: object) -> bool:
        return True


def _or_any(names: frozenset[str]) -> frozenset[str]:
    """Return the names; if some could not be read, a set that contains every name."""
    return _Any(names) if ANY in names else names


def all_councils(definitions: Definitions) -> Iterator[tuple[Folder, Council]]:
    """Yield every council with its partnership's folder."""
    for folder in definitions.folders:
        for council in folder.councils:
            yield folder, council


def all_instances(definitions: Definitions) -> Iterator[tuple[Folder, Instance]]:
    """Yield every instance with its partnership's folder."""
    for folder in definitions.folders:
        for instance in folder.partnership.instances.values():
            yield folder, instance


def all_files(definitions: Definitions) -> Iterator[Folder | Council | Module]:
    """Yield the noun of every file: partnerships (as folders), councils and modules."""
    yield from definitions.folders
    yield from (council for _, council in all_councils(definitions))
    yield from definitions.modules.values()
