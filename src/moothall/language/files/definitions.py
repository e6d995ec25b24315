"""Documents put together: each partnership with its councils, and the module catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from moothall.language.files import decode
from moothall.language.files.listing import ACTIVE, COUNCIL, MODULE, PARTNERSHIP
from moothall.model.written import ANY, Definitions, Folder
from moothall.source import Document


class Reading(NamedTuple):
    """How far one file got: its path and kind, its document if it is YAML, and whether its shape is right."""

    path: str
    kind: str
    document: Document | None
    sound: bool


def definitions(readings: Sequence[Reading], as_of: date) -> Definitions:
    """Return what the sound readings say, to be looked at on a day.

    The names in the others are kept as unread, so that nobody who refers to them is blamed. Without a
    sound `partnership.yaml` a whole folder is left out.
    """
    folders: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.kind != MODULE:
            folders.setdefault("/".join(reading.path.split("/")[:2]), []).append(reading)
    modules = [reading for reading in readings if reading.kind == MODULE]
    decoded_modules = [decode.module(document) for document in _sound_documents(modules, MODULE)]
    return Definitions(
        tuple(folder for members in folders.values() for folder in _folders(members)),
        {module.metadata.name: module for module in decoded_modules},
        as_of,
        _unread_names(modules),
    )


def _folders(members: Sequence[Reading]) -> Iterator[Folder]:
    """Yield the folder that its files make, or nothing without a sound `partnership.yaml`."""
    councils = [reading for reading in members if reading.kind == COUNCIL]
    for document in _sound_documents(members, PARTNERSHIP):
        decoded_councils = tuple(decode.council(member) for member in _sound_documents(councils, COUNCIL))
        active = {
            name: entry
            for active_document in _sound_documents(members, ACTIVE)
            for name, entry in decode.active(active_document).items()
        }
        yield Folder(decode.partnership(document), decoded_councils, _unread_names(councils), active)


def _sound_documents(readings: Iterable[Reading], kind: str) -> Iterator[Document]:
    """Yield the documents of a kind whose shape is right."""
    for reading in readings:
        if reading.kind == kind and reading.sound and reading.document:
            yield reading.document


def _unread_names(readings: Iterable[Reading]) -> frozenset[str]:
    """Return the names that the readings which are not sound may stand for: of the file and in it, or all there are."""
    names: set[str] = set()
    for reading in readings:
        if not reading.sound:
            parts = reading.path.removesuffix(".yaml").split("/")
            index = 1 if reading.kind == MODULE else 3
            names.add(parts[index] if len(parts) > index else ANY)  # of a folder that cannot be looked into, any
            names |= _written_name(reading.document)
    return frozenset(names)


def _written_name(document: Document | None) -> set[str]:
    """Return `metadata.name`, if the document gets that far."""
    data = document.data if document else None
    metadata = data.get("metadata") if isinstance(data, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return {name} if isinstance(name, str) else set()
