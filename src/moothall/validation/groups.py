"""Files in groups that are right or wrong together: those of each partnership, and the module catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moothall.language.files.sources import Source

MODULES = "modules"

Groups = Mapping[str, tuple[Source, ...]]
"""The files of each partnership, by its folder, and those of the catalogue, which may be none."""


def group_of(path: str) -> str:
    """Return the group of a file: the folder of its partnership, or `MODULES`."""
    return path[: path.find("/", len("partnerships/"))] if path.startswith("partnerships/") else MODULES


def group_sources(files: Iterable[Source]) -> Groups:
    """Return the files in their groups."""
    groups: dict[str, list[Source]] = {MODULES: []}
    for file in files:
        groups.setdefault(group_of(file.path), []).append(file)
    return {name: tuple(members) for name, members in groups.items()}
