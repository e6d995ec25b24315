"""Calls about containers: their life, commands in them, and files to and from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from moothall.docker_engine.connection import Connection, translate_stream
from moothall.docker_engine.errors import translate_docker_errors
from moothall.docker_engine.port import EngineObject, Filters
from moothall.failures import Inconclusive

MOST_BYTES = 1 << 26
"""What a command may print whose output is held in memory: a row for each table of a database is far less."""


class ContainerCalls(Connection):
    """The containers of one engine, by name or id. Every method raises DockerError, NotFound for one that is absent."""

    def containers(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return a summary of every container, running or not, with its addresses; or of those that filters let by."""
        with translate_docker_errors("The engine does not list its containers"):
            return cast(list[EngineObject], self._client.containers(all=True, filters=_filter_dict(filters)))

    def running_containers(self, filters: Filters) -> list[EngineObject]:
        """Return a summary of the containers that run and that filters let by."""
        with translate_docker_errors("The engine does not list its containers"):
            return cast(list[EngineObject], self._client.containers(filters=_filter_dict(filters)))

    def inspect(self, container: str) -> EngineObject:
        """Return everything about a container."""
        with translate_docker_errors(f"The engine does not show the container {container}"):
            return cast(EngineObject, self._client.inspect_container(container))

    def create_container(self, request: Mapping[str, Any], name: str | None = None) -> str:
        """Create a container as the request says (`ContainerCreate` of the HTTP API), not started; return its id."""
        with translate_docker_errors(f"The container {name or 'without a name'} cannot be created"):
            create = self._client.create_container_from_config
            return str(create(dict(request), name)["Id"])  # type: ignore[no-untyped-call]

    def update_container(self, container: str, limits: Mapping[str, Any]) -> None:
        """Change limits and restart policy (`ContainerUpdate` of the HTTP API; the SDK has no word for `PidsLimit`)."""
        from docker.errors import create_api_error_from_http_exception
        from requests import HTTPError

        client = self._client
        with translate_docker_errors(f"The container {container} cannot be changed"):
            address = f"{client.base_url}/v{client.api_version}/containers/{container}/update"
            try:
                client.post(address, json=dict(limits), timeout=client.timeout).raise_for_status()
            except HTTPError as error:
                raise create_api_error_from_http_exception(error) from error

    def start(self, container: str) -> None:
        """Start a container; one that runs stays as it is."""
        with translate_docker_errors(f"The container {container} cannot be started"):
            self._client.start(container)

    def ensure_running(self, container: str) -> None:
        """Have a container run: one that is paused goes on, one that runs stays as it is."""
        with translate_docker_errors(f"The container {container} cannot be started"):
            if self._client.inspect_container(container)["State"]["Paused"]:
                self._client.unpause(container)
            else:
                self._client.start(container)

    def stop(self, container: str, grace_seconds: int) -> None:
        """Ask a container to stop, and kill it when it has not after so many seconds."""
        with translate_docker_errors(f"The container {container} cannot be stopped"):
            self._client.stop(container, timeout=grace_seconds)

    def restart(self, container: str, grace_seconds: int) -> None:
        """Stop a container as `stop` does, and start it."""
        with translate_docker_errors(f"The container {container} cannot be restarted"):
            self._client.restart(container, timeout=grace_seconds)

    def kill(self, container: str, signal: str | int | None = None) -> None:
        """Send a signal to a container; without one it is killed."""
        with translate_docker_errors(f"The container {container} cannot be sent a signal"):
            self._client.kill(container, signal)

    def wait(self, container: str, seconds: int, condition: Literal["removed"] | None = None) -> int:
        """Wait until a container has ended, or as the condition says, and return its exit code. Raises TimedOut."""
        with translate_docker_errors(f"The container {container} cannot be waited for"):
            return int(self._client.wait(container, timeout=seconds, condition=condition)["StatusCode"])

    def remove(self, container: str, *, volumes: bool = True) -> None:
        """Kill and remove a container, and the volumes without names that it had."""
        with translate_docker_errors(f"The container {container} cannot be removed"):
            self._client.remove_container(container, v=volumes, force=True)

    def logs(self, container: str, *, out: bool = True, err: bool = True, lines: int | None = None) -> str:
        """Return what a container has written, to either stream or both; whole, or the last lines of it.

        Of more than `MOST_BYTES` it is the end: a line may have any length.
        """
        output = bytearray()
        with translate_docker_errors(f"The log of {container} cannot be read"):
            tail: Literal["all"] | int = "all" if lines is None else lines
            for piece in self._client.logs(container, stdout=out, stderr=err, tail=tail, stream=True, follow=False):
                output += piece
                if len(output) > 2 * MOST_BYTES:
                    del output[:-MOST_BYTES]
        return output[-MOST_BYTES:].decode(errors="replace")

    def await_error_output(self, container: str) -> None:
        """Wait until a container writes to its error stream, or ends."""
        with translate_docker_errors(f"The log of {container} cannot be read"):
            next(self._client.logs(container, stdout=False, stderr=True, stream=True, follow=True), None)

    def run(self, container: str, command: Sequence[str]) -> tuple[int, str]:
        """Run a command in a running container as its own user; return exit code and output (errors too).

        Raises Inconclusive when it prints more than `MOST_BYTES`: what runs in there may be anything by now.
        """
        output = bytearray()
        with translate_docker_errors(f"No command can be run in the container {container}"):
            execution = self._client.exec_create(container, list(command))["Id"]
            for piece in self._client.exec_start(execution, stream=True):
                output += piece
                if len(output) > MOST_BYTES:
                    raise Inconclusive(f"A command in the container {container} prints more than {MOST_BYTES} bytes.")
            code = self._client.exec_inspect(execution)["ExitCode"]
        return int(code), output.decode(errors="replace").strip()

    def run_streaming(
        self,
        container: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        out: Callable[[bytes], object],
        err: Callable[[bytes], object],
    ) -> int:
        """Run a command, hand on pieces of its two output streams as they come, and return its exit code."""
        with translate_docker_errors(f"No command can be run in the container {container}"):
            execution = self._client.exec_create(container, list(command), environment=dict(environment))["Id"]
            for output, error_output in self._client.exec_start(execution, stream=True, demux=True):
                if output:
                    out(output)
                if error_output:
                    err(error_output)
            return int(self._client.exec_inspect(execution)["ExitCode"])

    def write_files(self, container: str, folder: str, archive: bytes | Iterable[bytes]) -> None:
        """Unpack a tar archive below a folder of a container, which need not run."""
        with translate_docker_errors(f"No files can be put into the container {container}"):
            self._client.put_archive(container, folder, archive)

    def read_files(self, container: str, path: str) -> tuple[Iterator[bytes], EngineObject]:
        """Return a file or folder of a container as a tar archive in pieces, and the engine's `stat` of it."""
        what = f"{path} of {container} cannot be read"
        with translate_docker_errors(what):
            stream, stat = self._client.get_archive(container, path)
        return translate_stream(what, stream), cast(EngineObject, stat)


def _filter_dict(filters: Filters | None) -> dict[str, Any] | None:
    return dict(filters) if filters else None
