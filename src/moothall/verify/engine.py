"""The container engine as `verify` sees it: look at containers, run a command in one, hold a probe.

Everything that `docker` raises becomes `CouldNotRun` here, in one sentence; nothing above knows the SDK.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from moothall.docker_engine.tar import Entry, packed
from moothall.failures import CouldNotRun
from moothall.model.engines import Endpoint

if TYPE_CHECKING:
    from docker import APIClient

Inspected = Mapping[str, Any]
"""What the engine says about an object: untyped JSON of its HTTP API (v1.41)."""

COMMAND_SECONDS = 90
"""How long one call to the engine may take, commands in containers included."""


class Engine:
    """One container engine; connects when first asked."""

    def __init__(self, endpoint: Endpoint | str, seconds: float = COMMAND_SECONDS) -> None:
        """Take the engine's endpoint, or its address where that says all, and how long one call may take.

        Nothing is connected yet.
        """
        self.endpoint = Endpoint(endpoint) if isinstance(endpoint, str) else endpoint
        self._seconds = seconds
        self.host = self.endpoint.host
        self._client: APIClient | None = None

    @property
    def client(self) -> APIClient:
        """The SDK's client, for the probe room; raises `CouldNotRun` when the engine does not answer."""
        if self._client is None:
            # A fifth of a second that verbs without an engine need not pay.
            from moothall.docker_engine.connect import open_client

            with told(f"The container engine at {self.host} does not answer"):
                self._client = open_client(self.endpoint, timeout=self._seconds, max_pool_size=32)
        return self._client

    def version(self) -> str:
        """Return the engine's version, for example "20.10.24"."""
        with told(f"The container engine at {self.host} does not answer"):
            return str(self.client.version()["Version"])

    def interface(self) -> tuple[int, int]:
        """Return the newest version of the HTTP API that the engine speaks, for example (1, 41)."""
        with told(f"The container engine at {self.host} does not answer"):
            major, minor = str(self.client.version()["ApiVersion"]).split(".")
        return int(major), int(minor)

    def time(self) -> datetime:
        """Return the time of the engine's machine."""
        return datetime.fromisoformat(self._info()["SystemTime"])

    def folder(self) -> str:
        """Return the folder in which the engine keeps its data, on its own machine."""
        return str(self._info()["DockerRootDir"])

    def _info(self) -> Inspected:
        with told(f"The container engine at {self.host} does not answer"):
            return cast(Inspected, self.client.info())

    def containers(self) -> list[Inspected]:
        """Return a summary of every container, running or not, with its addresses."""
        with told("The engine does not list its containers"):
            return cast(list[Inspected], self.client.containers(all=True))

    def container(self, name: str) -> Inspected | None:
        """Return everything about a container, or None if there is none of this name."""
        import docker

        try:
            with told(f"The engine does not show the container {name}"):
                return cast(Inspected, self.client.inspect_container(name))
        except CouldNotRun as reason:
            if isinstance(reason.__cause__, docker.errors.NotFound):
                return None
            raise

    def network(self, name: str) -> Inspected | None:
        """Return everything about a network, or None if there is none of this name."""
        with told(f"The engine does not show the network {name}"):
            found = self.client.networks(names=[name])
        return next((network for network in found if network["Name"] == name), None)

    def run(self, container: str, command: Sequence[str]) -> tuple[int, str]:
        """Run a command in a running container as its own user; return exit code and output (errors too).

        Raises `CouldNotRun` when the container is missing or not running.
        """
        with told(f"No command can be run in the container {container}"):
            execution = self.client.exec_create(container, list(command))["Id"]
            output = self.client.exec_start(execution)
            code = self.client.exec_inspect(execution)["ExitCode"]
        return int(code), output.decode(errors="replace").strip()

    def start(self, container: str) -> None:
        """Have a container run: one that is paused goes on, one that runs stays as it is."""
        with told(f"The container {container} cannot be started"):
            if self.client.inspect_container(container)["State"]["Paused"]:
                self.client.unpause(container)
            else:
                self.client.start(container)

    def put(self, container: str, path: str, text: str, user: int) -> None:
        """Put a file of a user, readable by that user alone, into a container, which need not run."""
        folder, _, name = path.rpartition("/")
        archive = packed([Entry(name, text.encode(), 0o600)], user)
        with told(f"{path} cannot be put into the container {container}"):
            self.client.put_archive(container, folder, archive)

    def answer(self, container: str, command: Sequence[str]) -> str:
        """Run a command that must succeed and return its output; raises `CouldNotRun` when it does not."""
        code, output = self.run(container, command)
        if code != 0:
            raise CouldNotRun(f"{command[0]} in {container} ended with {code}: {last_line(output)}")
        return output

    def printed(self, container: str, command: Sequence[str]) -> str:
        """Run a command that prints something and may be run again, and return that; raises `CouldNotRun`.

        A busy engine sometimes loses what a command printed (seen with Docker 20.10): nothing is asked for once more.
        """
        return self.answer(container, command) or self.answer(container, command)

    def said(self, container: str, command: Sequence[str], what: str) -> Any:
        """Do the same and return the JSON that is printed; raises `CouldNotRun`, naming `what` where it is none."""
        return as_json(self.printed(container, command), what)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn what the SDK and its transport raise into `CouldNotRun`, with `what` in front."""
    import docker
    import requests
    import urllib3

    try:
        yield
    # A stream that falls silent raises what lies below `requests`.
    except (docker.errors.DockerException, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise CouldNotRun(f"{what}: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    """Return the most telling part of an SDK error on one line: the engine's own words, or the system's."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    explanation = getattr(error, "explanation", None)
    if isinstance(explanation, str) and explanation:
        return explanation.strip().rstrip(".")
    return last_line(str(error)).rstrip(".") or error.__class__.__name__


def last_line(text: str) -> str:
    """Return the last line that says something, at most 300 characters of it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no output"


def as_json(text: str, what: str) -> Any:
    """Return the JSON value in `text`; raises `CouldNotRun` naming `what` when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CouldNotRun(f"{what} did not answer with JSON: {last_line(text)}") from error
