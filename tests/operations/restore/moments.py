"""What stands at a moment: to be compared with another one, or to be begun from again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path

from tests.fakes.machine import Machine

from moothall.postgres.paths import DATA

Ending = Callable[[Callable[[], object]], dict[str, object]]
"""Tells of something that is done how everything stands at its end."""
_STAMP = re.compile(r"[0-9]{8}t[0-9]{6}")


class Moment:
    """A machine and a folder of a state as they are now; `resume` makes them so again."""

    def __init__(self, machine: Machine, state: Path) -> None:
        self._machine, self._state = machine, state
        self._members = deepcopy(vars(machine))
        self._files = {path: path.read_bytes() for path in files_below(state)}

    def resume(self) -> None:
        """Put everything back."""
        vars(self._machine).clear()
        vars(self._machine).update(deepcopy(self._members))
        for path in files_below(self._state):
            path.unlink()
        for path, content in self._files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def files_below(folder: Path) -> list[Path]:
    """Return the files in a folder, and in those below it."""
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []


def look(machine: Machine) -> dict[str, object]:
    """Return all that stands, by name; of names that have a moment in them, only which of those is the older one."""
    containers = {f"container {made.name}": (made.status, made.files) for made in machine.made.values()}
    volumes = {}
    for name, volume in machine.volumes.items():
        served = _databases(asdict(volume.cluster)) if volume.cluster else None
        beside = {folder: _databases(asdict(volume.beside[folder])) for folder in volume.beside}
        volumes[f"volume {name} at {DATA}"] = (served, _without_stamps(beside), volume.files)
    return containers | volumes


def _databases(cluster: dict[str, object]) -> dict[str, object]:
    databases = cluster["databases"]
    assert isinstance(databases, dict)
    return cluster | {"databases": _without_stamps(databases)}


def _without_stamps(members: dict[str, object]) -> dict[str, object]:
    stamps = _stamps(members)
    return {_STAMP.sub(lambda found: str(stamps.index(found[0])), name): member for name, member in members.items()}


def _stamps(names: Iterable[str]) -> list[str]:
    return sorted({stamp for name in names for stamp in _STAMP.findall(name)})
