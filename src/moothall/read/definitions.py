"""Documents put together: each partnership with its councils, and the module catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moothall.model.written import Council, Definitions, Folder
from moothall.read import decode
from moothall.read.sources import COUNCIL, MODULE, PARTNERSHIP
from moothall.source import Document


@dataclass(frozen=True)
class Reading:
    """How far one file got: its path and kind, its document if it is YAML, and whether its shape is right."""

    path: str
    kind: str
    document: Document | None
    sound: bool


def definitions(readings: Sequence[Reading]) -> Definitions:
    """Return what the sound readings say.

    The names in the others are kept as unread, so that nobody who refers to them is blamed. Without a
    sound `partnership.yaml` a whole folder is left out.
    """
    sound = [(reading, reading.document) for reading in readings if reading.sound and reading.document]
    modules = [decode.module(document) for reading, document in sound if reading.kind == MODULE]
    councils: dict[str, list[Council]] = {}
    for reading, document in sound:
        if reading.kind == COUNCIL:
            councils.setdefault(_folder(reading.path), []).append(decode.council(document))
    folders = tuple(
        Folder(
            decode.partnership(document),
            tuple(councils.get(_folder(reading.path), ())),
            _unread(other for other in readings if _is_council_in(other, _folder(reading.path))),
        )
        for reading, document in sound
        if reading.kind == PARTNERSHIP
    )
    unread = _unread(reading for reading in readings if reading.kind == MODULE)
    return Definitions(folders, {module.metadata.name: module for module in modules}, unread)


def _folder(path: str) -> str:
    """Return the partnership's part of a path: `partnerships/<name>`."""
    return "/".join(path.split("/")[:2])


def _is_council_in(reading: Reading, folder: str) -> bool:
    return reading.kind == COUNCIL and _folder(reading.path) == folder


def _unread(readings: Iterable[Reading]) -> frozenset[str]:
    """Return the names that the readings which are not sound may stand for: of the file and in it."""
    names: set[str] = set()
    for reading in readings:
        if not reading.sound:
            parts = reading.path.removesuffix(".yaml").split("/")
            names.add(parts[-2] if reading.kind == MODULE else parts[-1])
            names |= _written_name(reading.document)
    return frozenset(names)


def _written_name(document: Document | None) -> set[str]:
    """Return `metadata.name`, if the document gets that far."""
    data = document.data if document else None
    metadata = data.get("metadata") if isinstance(data, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return {name} if isinstance(name, str) else set()
