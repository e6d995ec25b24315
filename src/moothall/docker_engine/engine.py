"""A container engine: what it does for every room above."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from moothall.docker_engine.containers import ContainerCalls
from moothall.docker_engine.errors import last_line, translate_docker_errors
from moothall.docker_engine.resources import ResourceCalls
from moothall.docker_engine.tar import Entry, packed
from moothall.failures import CouldNotRun


class Engine(ContainerCalls, ResourceCalls):
    """One container engine; connects when first asked. Every method raises DockerError."""

    def put(self, container: str, path: str, text: str, user: int) -> None:
        """Put a file of a user, readable by that user alone, into a container, which need not run."""
        folder, _, name = path.rpartition("/")
        with translate_docker_errors(f"{path} cannot be put into the container {container}"):
            self.write_files(container, folder, packed([Entry(name, text.encode(), 0o600)], user))

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

    def remove_labelled(self, label: str) -> None:
        """Remove every container, network and volume that carries a label (`name=value`), with what they hold."""
        carrying = {"label": label}
        for container in self.containers(carrying):
            self.remove(container["Id"])
        for network in self.networks(carrying):
            self.remove_network(network["Id"])
        for volume in self.volumes(carrying):
            self.remove_volume(volume["Name"], force=True)


def as_json(text: str, what: str) -> Any:
    """Return the JSON value in `text`; raises `CouldNotRun` naming `what` when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CouldNotRun(f"{what} did not answer with JSON: {last_line(text)}") from error
