"""A machine with a container engine, in memory, behind the ports through which `up` and `destroy` see one.

What stands is kept by the little engine of the engine's own tests; here is what else these verbs ask for: images, what
killed runs have left, and whether tenants can be logged in to.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from docker.errors import ImageNotFound
from tests.pulumi_engine.memory_engine import MemoryEngine

from moothall import paths
from moothall.docker_engine.errors import NotConnected, Refused
from moothall.imagetags import tags
from moothall.model.outcome import FAILED, PASSED, CheckResult
from moothall.model.planned import TenantPlan
from moothall.pulumi_engine import EngineUnreachable
from moothall.pulumi_engine.protocol.resource_types import CONTAINER
from moothall.pulumi_engine.provider.port import Live

HOST = "unix:///var/run/docker.sock"
SILENCE = "the socket is not there"
Uses = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Stray:
    """A container that no stack knows: `label` is one that it carries, `volume` the one that it uses."""

    name: str
    label: tuple[str, str] = ("", "")
    volume: str = ""

    def view(self) -> dict[str, Any]:
        """Return its summary as the engine gives it."""
        return {
            "Id": self.name,
            "Names": [f"/{self.name}"],
            "State": "exited",
            "Labels": dict([self.label]),
            "Created": 0,
        }


class Machine:
    """One engine; `silent` says that it does not answer, and `stuck` what its API does not remove."""

    def __init__(self) -> None:
        self.engine = MemoryEngine()
        self.identity = "THIS"
        self.silent = self.hung = self.imageless = False
        self.answered: int | None = None
        self.images = set(tags(paths.IMAGES).values())
        self.pulled: set[str] = set()
        self.broken = ""
        self.strays: dict[str, Stray] = {}
        self.volumes: dict[str, str] = {}
        self.moments: dict[str, str] = {}
        self.servers: Any = None
        self.stuck: set[str] = set()
        self.deaf: set[str] = set()

    def who(self, endpoint: object = None) -> str:
        """Return what the engine is known by."""
        self.answers()
        return self.identity

    def connect(self, address: object) -> MemoryEngine:
        """Return the engine as a provider."""
        self.answers()
        return self.engine

    def answers(self) -> None:
        """Raise EngineUnreachable when it is silent, or has answered as often as it was to."""
        if self.answered is not None:
            self.answered -= 1
            self.silent = self.answered < 0
        if self.silent:
            raise EngineUnreachable(HOST, SILENCE)

    def put(self, kind: str, name: str, owner: str = "", id_: str = "", uses: Uses = frozenset()) -> None:
        """Put an object of somebody else on the engine."""
        labels = {"moothall.owner": owner} if owner else {}
        id_ = id_ or f"foreign-{name}"
        self.engine.objects[id_] = Live(kind, id_, name, labels, True, uses)

    def take(self, name: str) -> None:
        """Take whatever has this name from the engine, by hand."""
        self.strays.pop(name, None)
        self.engine.objects = {i: live for i, live in self.engine.objects.items() if live.name != name}

    def summaries(self) -> list[dict[str, Any]]:
        """Return the summaries of the containers of stacks."""
        return [
            {"Id": id_, "Names": [f"/{live.name}"], "State": "running" if live.running else "exited", "Labels": {}}
            for id_, live in self.engine.objects.items()
            if live.kind == CONTAINER
        ]

    def logins(self, *given: Any) -> tuple[CheckResult, ...]:
        """Return who could log in: all but those who are `deaf`."""
        tenants: Sequence[TenantPlan] = given[3]
        return tuple(
            CheckResult(
                f"login.{tenant.council}.{tenant.instance}",
                f"{tenant.council} logs in",
                FAILED if tenant.council in self.deaf else PASSED,
                "nobody answers" if tenant.council in self.deaf else "",
            )
            for tenant in tenants
        )


class Seen:
    """The machine as `moothall.docker_engine.engine.Engine` shows an engine."""

    def __init__(self, machine: Machine, endpoint: Any, seconds: float = 0) -> None:
        self.machine = machine
        self.host = endpoint if isinstance(endpoint, str) else endpoint.host

    def version(self) -> str:
        """Return a version, if it answers."""
        self._answers()
        return "20.10.24"

    def interface(self) -> tuple[int, int]:
        """Return the version of its API."""
        self._answers()
        return 1, 41

    def time(self) -> datetime:
        """Return the time of the machine."""
        self._answers()
        return datetime.now(UTC)

    def folder(self) -> str:
        """Return where the engine keeps its data."""
        self._answers()
        return "/"

    def container(self, name: str) -> Mapping[str, Any]:
        """Return as much of a container as `doctor` looks at."""
        return {"HostConfig": {"RestartPolicy": {"Name": "no"}}}

    def containers(self, filters: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return the summaries of all containers, or of those that no stack knows and a filter lets through."""
        self._answers()
        strays = self.machine.strays.values()
        if not filters:
            return [*self.machine.summaries(), *(stray.view() for stray in strays)]
        if "volume" in filters:
            return [stray.view() for stray in strays if stray.volume == filters["volume"]]
        return [stray.view() for stray in strays if filters["label"] == "=".join(stray.label)]

    def volumes(self, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the volumes with a label."""
        self._answers()
        return [{"Name": name} for name, label in self.machine.volumes.items() if label == filters["label"]]

    def remove(self, name: str) -> None:
        """Remove a container, unless the engine cannot."""
        self._answers()
        if name in self.machine.stuck:
            busy = "driver failed to remove root filesystem: device or resource busy"
            raise Refused(f"The container {name} cannot be removed", busy, busy)
        self.machine.take(name)

    def remove_volume(self, name: str, *, force: bool) -> None:
        """Remove a volume."""
        self._answers()
        del self.machine.volumes[name]

    def _answers(self) -> None:
        if self.machine.silent or self.machine.hung:
            raise NotConnected(f"The container engine at {self.host} does not answer", SILENCE, SILENCE)


class Images:
    """The machine as Docker's SDK shows it to whoever builds images, and to whoever carries them."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.images = self.api = self

    def ping(self) -> None:
        """Report, if it does."""
        if self.machine.silent or self.machine.imageless:
            raise OSError(SILENCE)

    def close(self) -> None:
        """Nothing is open."""

    def get(self, name: str) -> Tagged:
        """Return an image; raises the SDK's error for one that is not there."""
        if name not in self.machine.images | self.machine.pulled:
            raise ImageNotFound(f"No such image: {name}")
        return Tagged(self.machine)

    def build(self, *, tag: str, **how: object) -> Iterator[dict[str, str]]:
        """Build an image, unless a step of it fails."""
        if self.machine.broken:
            yield {"stream": "Step 3/9 : RUN apt-get install postgresql"}
            yield {"error": self.machine.broken}
        else:
            self.machine.images.add(tag)

    def import_image_from_stream(self, pieces: Iterator[bytes], repository: str, tag: str) -> str:
        """Take an archive as an image, unless there is no room."""
        list(pieces)
        if self.machine.broken:
            return f'{{"error": "{self.machine.broken}"}}'
        self.machine.images.add(f"{repository}:{tag}")
        return "{}"


@dataclass(frozen=True)
class Tagged:
    """An image that can be given another name."""

    machine: Machine

    def tag(self, name: str) -> None:
        """Give it a name."""
        self.machine.images.add(name)


def by_hand(machine: Machine) -> dict[str, Callable[[str], object]]:
    """Return what is done on the machine itself, by what an advice says."""

    def started() -> None:
        machine.silent = machine.hung = machine.imageless = False
        machine.answered = None

    def remove(text: str) -> None:
        names = shlex.split(text, comments=True)[3:]
        assert names[0] == "--force" or "container" not in text, "docker removes no container that runs"
        machine.take(names[-1])

    def filtered(text: str) -> None:
        [(what, value)] = re.findall(r"--filter (label|volume)=([^)]*)", text)
        for stray in list(machine.strays.values()):
            if value == (stray.volume if what == "volume" else "=".join(stray.label)):
                machine.take(stray.name)

    return {
        r"^(systemctl start docker|apt-get install docker.io|docker --host \S+ (version|info))": lambda text: started(),
        r"^docker (container|network|volume) rm ": remove,
        r"^docker rm --force ": lambda text: machine.take(shlex.split(text, comments=True)[-1]),
        r"^docker --host \S+ rm .*--filter ": filtered,
        r"^docker system df|Dockerfile": lambda text: setattr(machine, "broken", ""),
        r"^moothall verify ": lambda text: machine.deaf.clear(),
        r"^docker pull ": lambda text: machine.pulled.add(text.split()[-1]),
    }
