"""A machine in memory as `up`, `destroy` and `restore` see one, through three ports at once.

- `pulumi_engine.provider.port`: a little provider (`engine`) makes what the stacks declare.
- `docker_engine.port`: `tests.fakes.engine` shows the same containers, their servers, and what no stack knows.
- The client of Docker's SDK, as far as images are built and carried with it (`Images`).

Each of them may fall silent of its own: `silent`, `hung` and `imageless`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from docker.errors import ImageNotFound
from tests.fakes.built import image_id
from tests.fakes.containers import EXITED, RUNNING, Container, Volume
from tests.fakes.dales import NEW, OLD, STANDBY, cluster
from tests.fakes.servers import SERVER, Servers
from tests.fakes.store import ByName
from tests.pulumi_engine.memory_engine import MemoryEngine

from moothall import paths
from moothall.docker_engine.errors import NotConnected, Refused
from moothall.imagetags import tags
from moothall.model.outcome import FAILED, PASSED, CheckResult
from moothall.model.planned import TenantPlan
from moothall.model.stackname import stack_of
from moothall.operations.restore.copy import TARGET_LABEL
from moothall.pulumi_engine import EngineUnreachable
from moothall.pulumi_engine.protocol.resource_types import CONTAINER
from moothall.pulumi_engine.provider.port import Live

HOST = "unix:///var/run/docker.sock"
SILENCE = "the socket is not there"
Uses = frozenset[tuple[str, str]]


class Planned(Container):
    """A container that the provider has made, as it is at this moment."""


class Machine(Servers):
    """One engine; `silent` and `hung` say that it does not answer, and `stuck` what its API does not remove.

    Each server has served for long. `moments` are those of which there were copies, by the copy's name.
    """

    def __init__(self) -> None:
        super().__init__(tags(paths.IMAGES).values(), cluster(OLD))
        self.engine = MemoryEngine()
        self.since = int((datetime.now(UTC) - timedelta(days=30)).timestamp())
        self.identity = "THIS"
        self.silent = self.hung = self.imageless = False
        self.answered: int | None = None
        self.pulled: set[str] = set()
        self.broken = ""
        self.moments: dict[str, str] = {}
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

    def asked(self) -> None:
        """Count a call, and have what the provider has made among the containers. Raises NotConnected."""
        if self.silent or self.hung:
            raise NotConnected(f"The container engine at {HOST} does not answer", SILENCE, SILENCE)
        super().asked()
        beside = {name: made for name, made in self.made.items() if not isinstance(made, Planned)}
        lives = [live for live in self.engine.objects.values() if live.kind == CONTAINER]
        self.made = ByName(beside | {live.name: self._planned(live) for live in lives})
        for made in self.made.values():
            if "follow-order" in made.data.files and made.status == RUNNING:
                self.begin(made)  # the provider has started it

    def put_beside(self, name: str, labels: dict[str, str], volume: str = "") -> None:
        """Put a container there of which no stack knows."""
        self.add(Container(name, labels, self.volumes[volume] if volume else Volume(), status=EXITED))

    def put(self, kind: str, name: str, owner: str = "", id_: str = "", uses: Uses = frozenset()) -> None:
        """Put an object of somebody else on the engine."""
        labels = {"moothall.owner": owner} if owner else {}
        id_ = id_ or f"foreign-{name}"
        self.engine.objects[id_] = Live(kind, id_, name, labels, True, uses)

    def take(self, name: str) -> None:
        """Take whatever has this name from the engine, by hand."""
        self.made.pop(name, None)
        self.engine.objects = {i: live for i, live in self.engine.objects.items() if live.name != name}

    def add(self, made: Container) -> None:
        """Have one more container."""
        super().add(made)
        if TARGET_LABEL in made.labels:
            self.moments[made.name] = made.labels[TARGET_LABEL]

    def begin(self, made: Container) -> None:
        """Start a container, for the provider, too."""
        super().begin(made)
        self._tell(made)

    def end(self, made: Container) -> None:
        """Stop a container, for the provider, too."""
        super().end(made)
        self._tell(made)

    def discard(self, made: Container) -> None:
        """Remove a container, unless the engine cannot."""
        if made.name in self.stuck:
            busy = "driver failed to remove root filesystem: device or resource busy"
            raise Refused(f"The container {made.name} cannot be removed", busy, busy)
        self.take(made.name)

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

    def _planned(self, live: Live) -> Planned:
        """Return a container of the provider's. A server's data survives it by the name of the volume."""
        role, data = live.name.rpartition(".")[2], Volume()
        if role == SERVER:
            data = self.volumes.setdefault(f"{stack_of(live.name)}.data", data)
            if data.cluster is None:
                data.cluster = cluster(OLD, NEW)
                data.cluster.follows = live.name == STANDBY
        status = RUNNING if live.running else EXITED
        return Planned(live.name, dict(live.labels), data, role=role, status=status, id=live.id)

    def _tell(self, made: Container) -> None:
        if live := self.engine.objects.get(made.id):
            self.engine.objects[made.id] = replace(live, running=made.status == RUNNING)


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
        tag = name if name in self.machine.pulled else self.machine.tag_of(name)
        if tag is None:
            raise ImageNotFound(f"No such image: {name}")
        return Tagged(self.machine, image_id(tag), [tag])

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
    id: str
    tags: list[str]

    def tag(self, name: str) -> None:
        """Give it a name."""
        self.machine.images.add(name)
