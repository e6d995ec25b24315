"""The names that may be referred to: what is there, and what may be there in files that could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.model.written import Council, Definitions, External, Folder, Instance, Module, Partnership

Service = Instance | External
"""What a council can use: both have a name, and offer modules."""


def councils(folder: Folder) -> frozenset[str]:
    """Return the names of a partnership's councils."""
    return folder.unread | {council.metadata.name for council in folder.councils}


def parties(folder: Folder) -> frozenset[str]:
    """Return the names of a partnership's councils and organisations."""
    return councils(folder) | folder.partnership.organisations.keys()


def services(partnership: Partnership) -> Mapping[str, Service]:
    """Return the instances and external services of a partnership, by name."""
    return {**partnership.external, **partnership.instances}


def modules(definitions: Definitions) -> frozenset[str]:
    """Return the names in the module catalogue."""
    return definitions.unread_modules | definitions.modules.keys()


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
