"""A bench for the embedded engine: programs in a few words, a state of their own, and a look at the real engine."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.busybox import IMAGE
from tests.networks import subnet

from moothall import pulumi_engine
from moothall.pulumi_engine.steps.outcome import Outcome, Step

HOST = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
LABEL = "moothall.engine-test"
PASSPHRASE = "the bench's own passphrase"
PROJECT = "bench"
FOREVER = ["sleep", "infinity"]
Declare = Callable[["Words"], Any]


class Words:
    """The vocabulary of a test program; each word declares one resource and returns it."""

    def __init__(self, prefix: str, owner: str, host: str) -> None:
        import pulumi
        import pulumi_docker

        self.pulumi = pulumi
        self.docker = pulumi_docker
        self.prefix = prefix
        self.owner = owner
        self.provider = pulumi_docker.Provider("engine", host=host)

    def network(self, name: str, opts: Any = None, /, **how: Any) -> Any:
        """A network of this logical name, on an address range that Docker chooses unless one is given."""
        given = {"name": f"{self.prefix}-{name}", "labels": self._labels(self.docker.NetworkLabelArgs), **how}
        return self.docker.Network(name, **given, opts=self.options(opts))

    def volume(self, name: str, opts: Any = None, /, **how: Any) -> Any:
        """A volume of this logical name."""
        given = {"name": f"{self.prefix}-{name}", "labels": self._labels(self.docker.VolumeLabelArgs), **how}
        return self.docker.Volume(name, **given, opts=self.options(opts))

    def container(self, name: str, opts: Any = None, /, **how: Any) -> Any:
        """A container that sleeps for ever and dies at once when told to, unless told otherwise."""
        given = {
            "name": f"{self.prefix}-{name}",
            "image": IMAGE,
            "command": FOREVER,
            "stop_signal": "SIGKILL",
            "network_mode": "bridge",
            "labels": self._labels(self.docker.ContainerLabelArgs),
            **how,
        }
        return self.docker.Container(name, **given, opts=self.options(opts))

    def job(self, name: str, script: str, opts: Any = None, **how: Any) -> Any:
        """A container that runs a shell script once."""
        return self.container(name, opts, command=["sh", "-c", script], must_run=False, attach=True, **how)

    def joined(self, network: Any, **how: Any) -> list[Any]:
        """A container's networks: this one, by resource or by literal name."""
        name = network if isinstance(network, str) else network.name
        return [self.docker.ContainerNetworksAdvancedArgs(name=name, **how)]

    def mounted(self, volume: Any, path: str = "/data", **how: Any) -> list[Any]:
        """A container's mounts: this volume."""
        return [self.docker.ContainerMountArgs(type="volume", source=volume.name, target=path, **how)]

    def uploaded(self, name: str, uploads: list[Any], **how: Any) -> tuple[Any, Any]:
        """A volume and the container, never started, that puts files below /cfg in it."""
        volume = self.volume(f"{name}-volume")
        given = {"start": False, "must_run": False, "mounts": self.mounted(volume, "/cfg"), "uploads": uploads}
        return volume, self.container(name, **{**given, **how})

    def options(self, more: Any = None) -> Any:
        """Resource options with our provider."""
        ours = self.pulumi.ResourceOptions(provider=self.provider)
        return self.pulumi.ResourceOptions.merge(ours, more) if more else ours

    def subnet(self, number: int) -> str:
        """A network's addresses, by number; no other bench has them."""
        return subnet(self.prefix, number)

    def name_of(self, name: str) -> str:
        """The Docker name of an object, as a literal."""
        return f"{self.prefix}-{name}"

    def _labels(self, form: Any) -> list[Any]:
        return [form(label=LABEL, value=self.owner)]


@dataclass
class Told:
    """An observer that remembers what it was told."""

    events: list[tuple[str, str]] = field(default_factory=list)

    def steps_planned(self, stack: str, steps: Any) -> None:
        """Remember."""
        self.events.append(("planned", stack))

    def step_started(self, stack: str, step: Step) -> None:
        """Remember."""
        self.events.append(("started", step.name))

    def step_finished(self, stack: str, step: Step, seconds: float) -> None:
        """Remember."""
        self.events.append(("finished", step.name))

    def step_failed(self, stack: str, step: Step, message: str) -> None:
        """Remember."""
        self.events.append(("failed", step.name))

    def note(self, stack: str, text: str) -> None:
        """Remember."""
        self.events.append(("note", text))


@dataclass
class Lab:
    """A project with its own state folder; all objects are named and labelled after `prefix`.

    `declarative` says of its programs that they make nothing of what an engine answers; `followers` are containers
    of other stacks that are recreated after a network is.
    """

    prefix: str
    root: Path
    host: str = HOST
    declarative: bool = False
    followers: frozenset[str] = frozenset()

    @property
    def backend(self) -> pulumi_engine.Backend:
        """The state."""
        return pulumi_engine.Backend(self.root, passphrase)

    def owner(self, stack: str = "dev") -> tuple[str, str]:
        """The ownership label of a stack."""
        return LABEL, f"{self.prefix}.{stack}"

    def run(self, declare: Declare, stack: str = "dev") -> pulumi_engine.StackRun:
        """A run of a program."""

        def program() -> Awaitable[None] | None:
            return declare(Words(self.prefix, self.owner(stack)[1], self.host))

        return pulumi_engine.StackRun(PROJECT, stack, program, self.owner(stack), self.declarative, self.followers)

    def up(self, declare: Declare, stack: str = "dev", **how: Any) -> Outcome:
        """Run `up`."""
        return pulumi_engine.up(self.run(declare, stack), self.backend, **how)

    def preview(self, declare: Declare, stack: str = "dev", **how: Any) -> Outcome:
        """Run `preview`."""
        return pulumi_engine.preview(self.run(declare, stack), self.backend, **how)

    def destroy(self, *, with_data: bool, stack: str = "dev") -> Outcome:
        """Run `destroy`."""
        return pulumi_engine.destroy(PROJECT, stack, self.backend, self.owner(stack), with_data=with_data)

    def checkpoint(self, stack: str = "dev") -> dict[str, Any]:
        """The deployment object of a stack's checkpoint."""
        text = self.backend.checkpoint(PROJECT, stack).read_text()
        latest: dict[str, Any] = json.loads(text)["checkpoint"]["latest"]
        return latest

    def resources(self, stack: str = "dev") -> dict[str, dict[str, Any]]:
        """The recorded resources by logical name."""
        return {item["urn"].split("::")[3]: item for item in self.checkpoint(stack).get("resources", ())}

    def subnet(self, number: int) -> str:
        """The addresses of a network of this bench, as its programs have them."""
        return subnet(self.prefix, number)

    def name(self, name: str) -> str:
        """The Docker name of an object."""
        return f"{self.prefix}-{name}"


def passphrase() -> str:
    """The passphrase of every lab, one function so that one key serves all tests."""
    return PASSPHRASE


def ops(outcome: Outcome) -> dict[str, str]:
    """What changes, by logical name."""
    return {step.name: step.op for step in outcome.changes}


def step_of(outcome: Outcome, name: str) -> Step:
    """The step of this logical name."""
    return next(step for step in outcome.steps if step.name == name)
