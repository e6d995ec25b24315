"""A machine in memory on which a partnership stands: its containers, its volumes with clusters in them, its backups.

It is behind the port of `moothall.docker_engine`, and its servers obey the orders that images/postgres obeys. Whatever
changes something is a step: `fall` has the machine end one step further on, by silence or by the death of who asks.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from tests.operations.fakes import postgres
from tests.operations.fakes.postgres import Cluster, Database, Failed
from tests.postgres_fake import script_of, values_of, whole

from moothall.docker_engine.errors import NotFound, Unreachable
from moothall.docker_engine.port import EngineMethods, EngineObject, Filters
from moothall.docker_engine.stale import OWNER_LABEL
from moothall.docker_engine.tar import Entry, pack_tar
from moothall.model.outcome import FAILED, PASSED, CheckResult
from moothall.model.planned import JOB, Container, Plan, Stack
from moothall.model.stackname import parts, stack_of
from moothall.postgres.paths import DATA

HOST = "memory"
RUNNING, EXITED, CREATED = "running", "exited", "created"
PARTNERSHIP = "moothall.partnership"
DEAD = "/0/0"
"""No process has this number: what a killed one has left carries it."""


class Killed(BaseException):
    """Who worked is no more; nothing that it would do on its way out is done."""


def killed() -> BaseException:
    """Return how it ends for somebody who is killed."""
    return Killed()


def silent() -> BaseException:
    """Return what an engine that has stopped to answer comes to."""
    return Unreachable("The engine was asked", "it does not answer", "it does not answer")


@dataclass
class Volume:
    """A data volume: the cluster in it, others beside that by their folders, and files by their names."""

    labels: Mapping[str, str] = field(default_factory=dict)
    cluster: Cluster | None = None
    beside: dict[str, Cluster] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Made:
    """A container: `data` is the volume in which it has a cluster."""

    name: str
    labels: dict[str, str]
    data: Volume
    command: Sequence[str] = ()
    role: str = ""
    status: str = CREATED
    files: dict[str, bytes] = field(default_factory=dict)


class Fall(NamedTuple):
    """After how many steps, or calls, how every call ends."""

    after: int
    how: Callable[[], BaseException]
    calls: bool


class Machine:
    """What stands, what the repository holds (`backup`), and what was done, in order."""

    def __init__(self, plan: Plan, live: Cluster, backup: Cluster | None) -> None:
        self.made: dict[str, Made] = {}
        self.volumes: dict[str, Volume] = {}
        self.networks: dict[str, str] = {}
        self.backup = backup
        self.since = 1_000_000_000
        self.done: list[str] = []
        self.fails: dict[str, int] = {}
        self.calls = 0
        self._numbers = count(1)
        self._fall: Fall | None = None
        self._fallen = False
        for stack in plan.stacks:
            self.stand(plan, stack, live)
        self.done.clear()

    def stand(self, plan: Plan, stack: Stack, cluster: Cluster) -> None:
        """Make what a stack has, unless it is there; a server that stands by has the same cluster as the other."""
        standbys = {mirror.standby for mirror in plan.mirrors}
        for network in stack.networks:
            self.networks.setdefault(network.name, plan.partnership)
        for volume in stack.volumes:
            self.volumes.setdefault(volume.name, Volume({PARTNERSHIP: plan.partnership}))
        for container in stack.containers:
            if container.name in self.made:
                continue
            data = self.volumes.get(f"{stack.name}.data", Volume()) if container.role == "postgres" else Volume()
            if container.role == "postgres" and data.cluster is None:
                data.cluster = deepcopy(cluster)
                data.cluster.follows = container.name in standbys
            self.step(f"create {container.name}")
            labels = {PARTNERSHIP: plan.partnership}
            made = Made(container.name, labels, data, role=container.role)
            made.status = EXITED if container.kind == JOB else RUNNING
            self.made[container.name] = made

    def fall(self, after: int, how: Callable[[], BaseException], *, calls: bool = False) -> None:
        """Have every call end so, from the step on that comes after so many; `calls` counts calls in place of steps."""
        self.done.clear()
        self.calls = 0
        self._fall = Fall(after, how, calls)

    def revive(self) -> None:
        """Have it answer again, to another process than the one before."""
        self._fall, self._fallen = None, False
        for made in self.made.values():
            if OWNER_LABEL in made.labels:
                made.labels[OWNER_LABEL] = made.labels[OWNER_LABEL].partition("/")[0] + DEAD

    def asked(self) -> None:
        """Count a call. Raises what `fall` has said."""
        self._reached(self.calls, calls=True)
        self.calls += 1

    def step(self, what: str) -> None:
        """Note what is going to be changed. Raises what `fall` has said."""
        self._reached(len(self.done), calls=False)
        self.done.append(what)

    def _reached(self, number: int, *, calls: bool) -> None:
        fall = self._fall
        if self._fallen or (fall and fall.calls == calls and number >= fall.after):
            assert fall
            self._fallen = True
            raise fall.how()

    def new_name(self) -> str:
        """Return a name for a container that was given none."""
        return f"nameless-{next(self._numbers)}"

    def cluster(self, container: str) -> Cluster:
        """Return the cluster that a container serves."""
        found = self.made[container].data.cluster
        assert found
        return found

    def begin(self, made: Made) -> None:
        """Start a container; a server obeys the order in its volume first (images/postgres/bin/start-postgres)."""
        made.status = RUNNING
        if made.role == "postgres":
            self._obey(made)
        elif "emptied" in made.command:
            made.data.cluster = None
        elif made.role == "scratch":
            made.data.cluster = Cluster({"postgres": Database("postgres")}, {})

    def restored(self) -> Cluster:
        """Return a cluster as pgBackRest restores it."""
        assert self.backup
        found = deepcopy(self.backup)
        found.bound = True
        return found

    def _obey(self, made: Made) -> None:
        data = made.data
        if order := data.files.pop("restore-order", b""):
            name, source, *_ = order.decode().splitlines()
            folder = source.removeprefix("there:")
            following = data.beside.pop(folder, None) if source.startswith("there:") else self.restored()
            if following:
                if data.cluster:
                    data.beside[name] = data.cluster
                data.cluster = following
        elif "follow-order" in data.files:
            del data.files["follow-order"]
            [other] = [each for each in self.made.values() if is_other(each, made)]
            assert other.status == RUNNING
            data.cluster = deepcopy(other.data.cluster)
            assert data.cluster
            data.cluster.follows = True


def is_other(one: Made, made: Made) -> bool:
    """Say whether one container is the other server of the instance of which a server is `made`."""
    mine, theirs = parts(stack_of(made.name)), parts(stack_of(one.name)) if one.role == "postgres" else None
    return bool(theirs and one is not made and (theirs.partnership, theirs.unit) == (mine.partnership, mine.unit))


class Engine(EngineMethods):
    """The machine as `moothall.docker_engine.engine.Engine` shows an engine."""

    def __init__(self, machine: Machine, endpoint: Any = None, seconds: float = 0) -> None:
        self.machine = machine
        self.endpoint = endpoint
        self.host = HOST

    def version(self) -> str:
        """Return a version, if it answers."""
        self.machine.asked()
        return "20.10.24"

    def images(self, name: str) -> list[str]:
        """Return an image of any name."""
        self.machine.asked()
        return [name]

    def containers(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return the summaries, of those that the filters let by: `label`, `name`, `volume`."""
        self.machine.asked()
        return [
            {"Id": made.name, "Names": [f"/{made.name}"], "State": made.status, "Labels": made.labels, "Created": 0}
            for made in self.machine.made.values()
            if self._let_by(made, filters or {})
        ]

    def running_containers(self, filters: Filters) -> list[EngineObject]:
        """Return the summaries of those that run."""
        return [found for found in self.containers(filters) if found["State"] == RUNNING]

    def inspect(self, container: str) -> EngineObject:
        """Return as much as is looked at."""
        made = self._one(container)
        state = {"Status": made.status, "Running": made.status == RUNNING, "Paused": False, "Restarting": False}
        return {"Id": made.name, "State": state, "Config": {"Labels": made.labels}}

    def create_container(self, request: Mapping[str, Any], name: str | None = None) -> str:
        """Make one; its data is in the volume that is bound there, or in one of its own."""
        self.machine.asked()
        bound = [each.partition(":") for each in request["HostConfig"].get("Binds", ())]
        named = [volume for volume, _, path in bound if path == DATA]
        name = name or self.machine.new_name()
        assert name not in self.machine.made
        self.machine.step(f"create {name}")
        data = self.machine.volumes[named[0]] if named else Volume()
        made = Made(name, dict(request["Labels"]), data, request["Cmd"], "" if named else "scratch")
        self.machine.made[name] = made
        return name

    def start(self, container: str) -> None:
        """Start one."""
        made = self._one(container)
        self.machine.step(f"start {container}")
        if made.status != RUNNING:
            self.machine.begin(made)

    def ensure_running(self, container: str) -> None:
        """Have one run."""
        self.start(container)

    def stop(self, container: str, grace_seconds: int) -> None:
        """Stop one."""
        made = self._one(container)
        self.machine.step(f"stop {container}")
        made.status = EXITED

    def kill(self, container: str) -> None:
        """Kill one."""
        self.stop(container, 0)

    def restart(self, container: str, grace_seconds: int) -> None:
        """Start one anew."""
        made = self._one(container)
        self.machine.step(f"restart {container}")
        made.status = RUNNING

    def remove(self, container: str) -> None:
        """Remove one."""
        made = self._one(container)
        self.machine.step(f"remove {container}")
        del self.machine.made[made.name]

    def logs(self, container: str, *, out: bool = True, err: bool = True, lines: int | None = None) -> str:
        """Return what one has said: nothing."""
        self._one(container)
        return ""

    def run(self, container: str, command: Sequence[str]) -> tuple[int, str]:
        """Run a command in a container that runs."""
        made = self._running(container)
        script = script_of(command)
        program = "psql" if script else command[0].rpartition("/")[2]
        if self.machine.fails.get(program, 0):
            self.machine.fails[program] -= 1
            return 1, f"{program} failed"
        if not script:
            return 0, getattr(self, f"_{program.replace('-', '_')}")(made, list(command[1:]))
        if made.data.cluster is None:
            return 2, "psql: error: connection to server failed: No such file or directory"
        if what := postgres.changes(script):
            self.machine.step(f"{what} in {container}")
        try:
            database = command[command.index("-d", 5) + 1]
            said = postgres.answer(made.data.cluster, database, script, values_of(command))
            if what.startswith("INSERT"):
                self._stream(made)
            return 0, whole(command, said)
        except Failed as reason:
            return 3, str(reason)

    def run_streaming(
        self,
        container: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        out: Callable[[bytes], object],
        err: Callable[[bytes], object],
    ) -> int:
        """Run a script that tells of a database, and dumps it where it is to."""
        made = self._running(container)
        assert made.data.cluster
        database = made.data.cluster.database(environment["DATABASE"])
        lines = postgres.told(database)
        if "pg_dump" in script_of(command):
            lines += [f"attachment\t{_attachment(*each)}" for each in database.attachments.items()]
            lines += ['module\t{"name": "party"}', "dump complete"]
            out(database.dumped())
        elif "ir_attachment" in script_of(command):
            lines = [_hashed(*each) for each in database.attachments.items()]
        (err if "pg_dump" in script_of(command) else out)("".join(f"{line}\n" for line in lines).encode())
        return 0

    def write_files(self, container: str, folder: str, archive: bytes | Iterable[bytes]) -> None:
        """Unpack the files; a copy that gets its order is restored at once."""
        made = self._one(container)
        packed_ = archive if isinstance(archive, bytes) else b"".join(archive)
        with tarfile.open(fileobj=io.BytesIO(packed_)) as tar:
            found = {each.name: tar.extractfile(each) for each in tar if each.isfile()}
            texts = {name: file.read() for name, file in found.items() if file}
        self.machine.step(f"put {', '.join(texts)} into {container}")
        (made.data.files if folder == DATA else made.files).update(texts)
        if "order" in texts and made.status == RUNNING and made.data.cluster is None:
            made.data.cluster = self.machine.restored()

    def read_files(self, container: str, path: str) -> tuple[Iterator[bytes], EngineObject]:
        """Return one file of the data volume."""
        name = path.removeprefix(f"{DATA}/")
        content = self._one(container).data.files[name]
        return iter([pack_tar([Entry(name, content, 0o440)])]), {"name": name, "size": len(content), "mode": 0o440}

    def networks(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return the networks, or those of a partnership."""
        self.machine.asked()
        label = str((filters or {}).get("label", ""))
        return [
            {"Id": name, "Name": name}
            for name, owner in self.machine.networks.items()
            if label in ("", f"{PARTNERSHIP}={owner}")
        ]

    def remove_network(self, network: str) -> None:
        """Remove one."""
        self.machine.asked()
        self.machine.step(f"remove {network}")
        del self.machine.networks[network]

    def volumes(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return the volumes that a filter lets by."""
        self.machine.asked()
        key, _, value = str((filters or {}).get("label", "")).partition("=")
        return [{"Name": name} for name, found in self.machine.volumes.items() if found.labels.get(key) == value]

    def create_volume(self, name: str, labels: Mapping[str, str]) -> str:
        """Make a volume; one that is there stays as it is."""
        self.machine.asked()
        self.machine.step(f"create volume {name}")
        self.machine.volumes.setdefault(name, Volume(labels))
        return name

    def remove_volume(self, volume: str, *, force: bool = False) -> None:
        """Remove one."""
        self.machine.asked()
        assert not self.containers({"volume": volume})
        self.machine.step(f"remove volume {volume}")
        del self.machine.volumes[volume]

    def _stream(self, made: Made) -> None:
        """Have the server that follows hear of what was written on purpose."""
        for each in self.machine.made.values():
            if is_other(each, made) and each.status == RUNNING and each.data.cluster and made.data.cluster:
                each.data.cluster.trials = list(made.data.cluster.trials)

    def _one(self, name: str) -> Made:
        self.machine.asked()
        if name not in self.machine.made:
            raise NotFound(f"{name} is not there", "no such container", f"No such container: {name}", 404)
        return self.machine.made[name]

    def _running(self, name: str) -> Made:
        made = self._one(name)
        if made.status != RUNNING:
            raise NotFound(f"No command can be run in {name}", "it is not running", "it is not running", 409)
        return made

    def _let_by(self, made: Made, filters: Filters) -> bool:
        label, names = str(filters.get("label", "")), filters.get("name", "")
        key, _, value = label.partition("=")
        volume = str(filters.get("volume", ""))
        return (
            (not label or made.labels.get(key) == value)
            and (not volume or made.data is self.machine.volumes.get(volume))
            and any(re.search(each, f"/{made.name}") for each in ([names] if isinstance(names, str) else names))
        )

    def _pgbackrest(self, made: Made, words: list[str]) -> str:
        if "repo-ls" in words:
            return "{}"
        there = {"timestamp": {"stop": self.machine.since}, "archive": {"stop": "000000010000000000000002"}}
        names = [{"name": name} for name in (self.machine.backup.databases if self.machine.backup else ())]
        backup = {"label": "F", "error": False, "database-ref": names, **there}
        return json.dumps([{"backup": [backup] if self.machine.backup else []}])

    def _prepare_cluster(self, made: Made, words: list[str]) -> str:
        self.machine.step(f"prepare {words[0]} in {made.name}")
        made.data.beside[words[0]] = self.machine.restored()
        return ""

    def _pg_dump(self, made: Made, words: list[str]) -> str:
        self.machine.step(f"dump in {made.name}")
        assert made.data.cluster
        made.data.files[words[-2].removeprefix(f"{DATA}/")] = made.data.cluster.database(words[-1]).dumped()
        return ""

    def _pg_restore(self, made: Made, words: list[str]) -> str:
        self.machine.step(f"fill in {made.name}")
        assert made.data.cluster
        database = made.data.cluster.database(words[words.index("-d") + 1])
        database.fill(made.data.files[words[-1].removeprefix(f"{DATA}/")])
        return ""

    def _rm(self, made: Made, words: list[str]) -> str:
        self.machine.step(f"rm in {made.name}")
        for path in words:
            made.data.files.pop(path.removeprefix(f"{DATA}/"), None)
            made.data.beside.pop(path.removeprefix(f"{DATA}/"), None)
        return ""

    def _find(self, made: Made, words: list[str]) -> str:
        return "\n".join(f"{DATA}/{name}" for name in made.data.beside if name.startswith("before-"))

    def _state(self, made: Made, words: list[str]) -> str:
        assert made.data.cluster
        standbys = [
            each.name
            for each in self.machine.made.values()
            if is_other(each, made) and each.status == RUNNING and each.data.cluster and each.data.cluster.follows
        ]
        role = "standby" if made.data.cluster.follows else "primary"
        follower = "streaming" if standbys and role == "primary" else None
        return json.dumps({"role": role, "timeline": 2, "position": "0/1", "follower": follower, "waits": False})

    def _promote(self, made: Made, words: list[str]) -> str:
        self.machine.step(f"promote {made.name}")
        assert made.data.cluster
        made.data.cluster.follows = False
        return self._state(made, words)

    def _pg_isready(self, made: Made, words: list[str]) -> str:
        return ""


def _attachment(number: int, text: str) -> str:
    from base64 import b64encode

    told = {"id": number, "name": "letter.txt", "resource": None, "type": "data", "link": None}
    return f"{json.dumps(told)}\t{b64encode(text.encode()).decode()}"


def _hashed(number: int, text: str) -> str:
    from hashlib import sha256

    return json.dumps({"id": number, "sha256": sha256(text.encode()).hexdigest()})


def logins(machine: Machine, plan: Plan, tenants: Iterable[Any]) -> tuple[CheckResult, ...]:
    """Return who can log in: who has an application that runs beside a server that takes writes."""
    servers = [each for each in machine.made.values() if each.role == "postgres" and each.status == RUNNING]
    found = []
    for tenant in tenants:
        site = _serving(servers, plan, tenant.instance)
        names = [name for name in (tenant.application, tenant.waiting_application) if name]
        good = any(machine.made[name].status == RUNNING and parts(stack_of(name)).site == site for name in names)
        status = PASSED if good else FAILED
        found.append(CheckResult(f"login.{tenant.council}", f"{tenant.council} logs in", status, "" if good else "no"))
    return tuple(found)


def _serving(servers: list[Made], plan: Plan, instance: str) -> str:
    mine: Mapping[str, Container] = {server.name: server for server in plan.servers(instance)}
    serving = [each for each in servers if each.name in mine and each.data.cluster and not each.data.cluster.follows]
    return parts(stack_of(serving[0].name)).site if len(serving) == 1 else ""
