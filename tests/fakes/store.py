"""What an engine in memory keeps, and the programs that run in its containers: the state behind `tests.fakes.engine`.

Here they are a table: the words of a command, and what it comes to with the files that are there. One that comes to
None goes on running until it is stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count

from tests.fakes.built import image_id
from tests.fakes.containers import EXITED, KILLED_RESULT, RUNNING, WELL, Container, Volume, lets_by
from tests.fakes.falls import Falls

from moothall.docker_engine.one_off import ContainerResult
from moothall.docker_engine.port import Filters
from moothall.docker_engine.stale import OWNER_LABEL

Files = dict[str, bytes]
Program = Callable[[Files], ContainerResult | None]
DEAD = "/0/0"
"""No process has this number: what a killed one has left carries it."""


class ByName(dict[str, Container]):
    """Containers by their names, which is as good as by their ids: an engine takes both."""

    def __missing__(self, key: str) -> Container:
        """Return the container with an id. Raises KeyError."""
        for made in self.values():
            if made.id == key:
                return made
        raise KeyError(key)


class Store(Falls):
    """Containers (`made`) and volumes by name, networks with their labels, the names of images."""

    def __init__(self, images: Iterable[str], programs: Mapping[tuple[str, ...], Program] | None = None) -> None:
        super().__init__()
        self.made = ByName()
        self.volumes: dict[str, Volume] = {}
        self.networks: dict[str, Mapping[str, str]] = {}
        self.images = set(images)
        self._programs = programs or {}
        self._numbers = count(1)

    def revive(self) -> None:
        """Have it answer again, to another process than the one before."""
        super().revive()
        for made in self.made.values():
            if OWNER_LABEL in made.labels:
                made.labels[OWNER_LABEL] = made.labels[OWNER_LABEL].partition("/")[0] + DEAD

    def tag_of(self, image: str) -> str | None:
        """Return the tag of an image by its ID or that tag, None for one that is not there."""
        return next((tag for tag in self.images if image in (tag, image_id(tag))), None)

    def new_name(self) -> str:
        """Return a name for a container that was given none."""
        return f"nameless-{next(self._numbers)}"

    def one(self, name: str) -> Container | None:
        """Return the container with a name or an id."""
        try:
            return self.made[name]
        except KeyError:
            return None

    def listed(self, filters: Filters | None) -> list[Container]:
        """Return the containers that the filters `label`, `name` and `volume` let by."""
        volume = str((filters or {}).get("volume", ""))
        return [
            made
            for made in self.made.values()
            if lets_by(filters, made.labels, f"/{made.name}") and (not volume or made.data is self.volumes.get(volume))
        ]

    def add(self, made: Container) -> None:
        """Have one more container."""
        self.made[made.name] = made

    def begin(self, made: Container) -> None:
        """Start a container."""
        result = self.started(made)
        made.status, made.result = (EXITED if result else RUNNING), result or WELL

    def end(self, made: Container) -> None:
        """Stop a container: no program here ends by itself when it is asked to."""
        made.status, made.result = EXITED, KILLED_RESULT

    def discard(self, made: Container) -> None:
        """Remove a container."""
        del self.made[made.name]

    def unpack(self, made: Container, files: Files) -> None:
        """Put files into a container, by their paths."""
        for path, content in files.items():
            there, name = made.locate(path)
            there[name] = content

    def started(self, made: Container) -> ContainerResult | None:
        """Return how that ends with which a container starts; None where it runs on."""
        return self._programs[tuple(made.command)](made.files)

    def execute(self, made: Container, command: Sequence[str], environment: Mapping[str, str]) -> ContainerResult:
        """Run a command in a container that runs, to its end."""
        result = self._programs[tuple(command)](made.files)
        assert result, "a command that never ends"
        return result
