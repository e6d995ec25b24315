"""The port to a container engine, small enough for a fake one in memory, and what follows from it alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from moothall import json_text
from moothall.docker_engine.errors import NotFound, last_line, translate_docker_errors
from moothall.docker_engine.shape import require_shape
from moothall.docker_engine.tar import Entry, pack_tar
from moothall.failures import Inconclusive

EngineObject = Mapping[str, Any]
"""What the engine says about an object: untyped JSON of its HTTP API (v1.41)."""
Filters = Mapping[str, str | list[str]]
"""What the engine is to look for, as its list calls take it: `{"label": "name=value"}`."""


class EnginePort(Protocol):
    """One container engine; objects are meant by name or id. Every method raises DockerError, NotFound for what is
    absent."""

    host: str

    def containers(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return a summary of every container, running or not, or of those that filters let by."""

    def inspect(self, container: str) -> EngineObject:
        """Return everything about a container."""

    def create_container(self, request: Mapping[str, Any], name: str | None = None) -> str:
        """Create a container as the request says (`ContainerCreate` of the HTTP API), not started; return its id."""

    def start(self, container: str) -> None:
        """Start a container; one that runs stays as it is."""

    def stop(self, container: str, grace_seconds: int) -> None:
        """Ask a container to stop, and kill it when it has not after so many seconds."""

    def wait(self, container: str, seconds: int) -> int:
        """Wait until a container has ended and return its exit code. Raises TimedOut."""

    def remove(self, container: str) -> None:
        """Kill and remove a container, and the volumes without names that it had."""

    def logs(self, container: str, *, out: bool = True, err: bool = True, lines: int | None = None) -> str:
        """Return what a container has written, to either stream or both; whole, or the last lines of it."""

    def run(self, container: str, command: Sequence[str]) -> tuple[int, str]:
        """Run a command in a running container as its own user; return exit code and output (errors too)."""

    def write_files(self, container: str, folder: str, archive: bytes | Iterable[bytes]) -> None:
        """Unpack a tar archive below a folder of a container, which need not run."""

    def read_files(self, container: str, path: str) -> tuple[Iterator[bytes], EngineObject]:
        """Return a file or folder of a container as a tar archive in pieces, and the engine's `stat` of it."""

    def networks(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return a summary of every network, or of those that filters let by."""

    def remove_network(self, network: str) -> None:
        """Remove a network."""

    def volumes(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return a summary of every volume, or of those that filters let by."""

    def create_volume(self, name: str, labels: Mapping[str, str]) -> str:
        """Create a volume; return its name."""

    def remove_volume(self, volume: str, *, force: bool = False) -> None:
        """Remove a volume."""


class EngineMethods(EnginePort):
    """What is done on any engine by the methods of the port; raises DockerError as they do."""

    def container(self, name: str) -> EngineObject | None:
        """Return everything about a container, or None if there is none of this name."""
        try:
            return self.inspect(name)
        except NotFound:
            return None

    def put(self, container: str, path: str, text: str, user: int) -> None:
        """Put a file of a user, readable by that user alone, into a container, which need not run."""
        folder, _, name = path.rpartition("/")
        with translate_docker_errors(f"{path} cannot be put into the container {container}"):
            self.write_files(container, folder, pack_tar([Entry(name, text.encode(), 0o600)], user))

    def answer(self, container: str, command: Sequence[str]) -> str:
        """Run a command that must succeed and return its output; raises `Inconclusive` when it does not."""
        code, output = self.run(container, command)
        if code != 0:
            raise Inconclusive(f"{command[0]} in {container} ended with {code}: {last_line(output)}")
        return output

    def command_output(self, container: str, command: Sequence[str]) -> str:
        """Run a command that prints something and may be run again, and return that; raises `Inconclusive`.

        A busy engine sometimes loses what a command printed (seen with Docker 20.10): nothing is asked for once more.
        """
        return self.answer(container, command) or self.answer(container, command)

    def command_json(self, container: str, command: Sequence[str], what: str, shape: Any) -> Any:
        """Run such a command and return the JSON that it prints, of a shape (`docker_engine.shape`).

        Raises `Inconclusive`, naming `what`, for anything else.
        """
        return as_json(self.command_output(container, command), what, shape)

    def remove_labelled(self, label: str) -> None:
        """Remove every container, network and volume that carries a label (`name=value`), with what they hold."""
        filters = {"label": label}
        for container in self.containers(filters):
            self.remove(container["Id"])
        for network in self.networks(filters):
            self.remove_network(network["Id"])
        for volume in self.volumes(filters):
            self.remove_volume(volume["Name"], force=True)


def as_json(text: str, what: str, shape: Any) -> Any:
    """Return the JSON value of a shape in `text`; raises `Inconclusive` naming `what` when it is none."""
    try:
        return require_shape(json_text.parse(text), shape, what)
    except ValueError as error:
        raise Inconclusive(f"{what} did not answer with JSON: {last_line(text)}") from error
