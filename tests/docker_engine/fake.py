"""A container engine in memory, behind the port of `moothall.docker_engine`; `test_port.py` holds it against a
real one.

What runs in a container is a table of programs: the words of a command, and what it comes to with the files that are
there. One that comes to None goes on running until it is stopped.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from moothall.docker_engine.errors import ImageNotFound, NotFound, Refused, TimedOut
from moothall.docker_engine.one_off import ContainerResult
from moothall.docker_engine.port import EngineMethods, EngineObject, Filters
from moothall.docker_engine.tar import Entry, pack_tar

Files = dict[str, bytes]
Program = Callable[[Files], ContainerResult | None]
CREATED, RUNNING, EXITED = "created", "running", "exited"
KILLED = 137
"""The exit code of what was killed: 128 and the number of the signal."""


@dataclass
class FakeContainer:
    """A container: what it was asked to be, and what became of it."""

    id: str
    name: str
    request: Mapping[str, Any]
    files: Files = field(default_factory=dict)
    status: str = CREATED
    ended: ContainerResult = ContainerResult(0, "", "")  # noqa: RUF009  # a tuple

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return self.request.get("Labels") or {}

    @property
    def words(self) -> tuple[str, ...]:
        """The words of what runs in it."""
        return (*(self.request.get("Entrypoint") or ()), *(self.request.get("Cmd") or ()))


class FakeEngine(EngineMethods):
    """An engine that has some images, and knows some programs."""

    def __init__(self, images: Iterable[str], programs: Mapping[tuple[str, ...], Program]) -> None:
        self.host = "memory"
        self._images = frozenset(images)
        self._programs = programs
        self._containers: dict[str, FakeContainer] = {}
        self._volumes: dict[str, Mapping[str, str]] = {}
        self._numbers = count(1)

    def containers(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return the summaries; the filters are `label` and `name`."""
        return [
            {"Id": each.id, "Names": [f"/{each.name}"], "State": each.status, "Labels": each.labels, "Created": 0}
            for each in self._containers.values()
            if _let_by(filters, each.labels, f"/{each.name}")
        ]

    def inspect(self, container: str) -> EngineObject:
        """Return as much as is looked at."""
        found = self._one(container)
        state = {"Status": found.status, "Running": found.status == RUNNING, "Paused": False}
        state |= {"ExitCode": found.ended.code, "StartedAt": "2026-11-29T12:00:00.000000000Z"}
        config = {"Image": found.request["Image"], "Labels": found.labels}
        return {"Id": found.id, "Name": f"/{found.name}", "State": state, "Config": config}

    def create_container(self, request: Mapping[str, Any], name: str | None = None) -> str:
        """Create one, where its image is there and its name is free."""
        number = f"{next(self._numbers):064x}"
        if request["Image"] not in self._images:
            raise ImageNotFound("No container", "No such image", "No such image", 404)
        if name and self._named(name):
            raise Refused("No container", "the name is in use", "the name is in use", 409)
        self._containers[number] = FakeContainer(number, name or f"nameless-{number[-4:]}", request)
        return number

    def start(self, container: str) -> None:
        """Run its program, unless it runs."""
        found = self._one(container)
        if found.status != RUNNING:
            ended = self._programs[found.words](found.files)
            found.status = EXITED if ended else RUNNING
            found.ended = ended or ContainerResult(0, "", "")

    def stop(self, container: str, grace_seconds: int) -> None:
        """Kill what runs: no program here ends by itself when it is asked to."""
        found = self._one(container)
        if found.status == RUNNING:
            found.status, found.ended = EXITED, ContainerResult(KILLED, "", "")

    def wait(self, container: str, seconds: int) -> int:
        """Return the exit code; what runs, runs for longer than anybody waits."""
        found = self._one(container)
        if found.status == RUNNING:
            raise TimedOut(f"{container} cannot be waited for", "timed out", "timed out")
        return found.ended.code

    def remove(self, container: str) -> None:
        """Remove it."""
        del self._containers[self._one(container).id]

    def logs(self, container: str, *, out: bool = True, err: bool = True, lines: int | None = None) -> str:
        """Return what it has written."""
        ended = self._one(container).ended
        text = (ended.out if out else "") + (ended.err if err else "")
        return text if lines is None else "".join(text.splitlines(keepends=True)[-lines:])

    def run(self, container: str, command: Sequence[str]) -> tuple[int, str]:
        """Run a program of the table to its end."""
        found = self._one(container)
        if found.status != RUNNING:
            raise Refused(f"No command in {container}", "it is not running", "it is not running", 409)
        ended = self._programs[tuple(command)](found.files)
        assert ended, "a command that never ends"
        return ended.code, (ended.out + ended.err).strip()

    def write_files(self, container: str, folder: str, archive: bytes | Iterable[bytes]) -> None:
        """Unpack the files."""
        whole = archive if isinstance(archive, bytes) else b"".join(archive)
        with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
            unpacked = {f"{folder.rstrip('/')}/{each.name}": tar.extractfile(each) for each in tar if each.isfile()}
            self._one(container).files.update({path: file.read() for path, file in unpacked.items() if file})

    def read_files(self, container: str, path: str) -> tuple[Iterator[bytes], EngineObject]:
        """Return one file."""
        files = self._one(container).files
        if path not in files:
            raise NotFound(f"{path} cannot be read", "no such file", "no such file", 404)
        name = path.rpartition("/")[2]
        archive = pack_tar([Entry(name, files[path], 0o440)])
        return iter([archive]), {"name": name, "size": len(files[path]), "mode": 0o440}

    def networks(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return none: there are none yet."""
        return []

    def remove_network(self, network: str) -> None:
        """Refuse: there are none yet."""
        raise NotFound(f"{network} cannot be removed", "no such network", "no such network", 404)

    def volumes(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return the volumes with a name."""
        return [{"Name": name} for name, labels in self._volumes.items() if _let_by(filters, labels, name)]

    def create_volume(self, name: str, labels: Mapping[str, str]) -> str:
        """Create a volume."""
        self._volumes[name] = labels
        return name

    def remove_volume(self, volume: str, *, force: bool = False) -> None:
        """Remove a volume."""
        if self._volumes.pop(volume, None) is None and not force:
            raise NotFound(f"{volume} cannot be removed", "no such volume", "no such volume", 404)

    def _named(self, name: str) -> FakeContainer | None:
        return next((each for each in self._containers.values() if name in (each.id, each.name)), None)

    def _one(self, name: str) -> FakeContainer:
        found = self._named(name)
        if found is None:
            raise NotFound(f"{name} is not there", "no such container", f"No such container: {name}", 404)
        return found


def _let_by(filters: Filters | None, labels: Mapping[str, str], name: str) -> bool:
    label, pattern = str((filters or {}).get("label", "")), str((filters or {}).get("name", ""))
    key, _, value = label.partition("=")
    return (not label or labels.get(key) == value) and bool(re.search(pattern, name))
