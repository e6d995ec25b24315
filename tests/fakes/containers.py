"""What an engine in memory holds: containers and volumes, what it says about one, and which of them filters let by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_hex

from tests.fakes.postgres import Cluster

from moothall.docker_engine.one_off import ContainerResult
from moothall.docker_engine.port import EngineObject, Filters
from moothall.postgres.paths import DATA

CREATED, RUNNING, EXITED = "created", "running", "exited"
WELL = ContainerResult(0, "", "")
"""How a program ends that has nothing to say."""
KILLED_RESULT = ContainerResult(137, "", "")
"""How a program ends that was killed: 128 and the number of the signal."""


@dataclass
class Volume:
    """A data volume: the cluster in it, others beside that by their folders, and files by their names."""

    labels: Mapping[str, str] = field(default_factory=dict)
    cluster: Cluster | None = None
    beside: dict[str, Cluster] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Container:
    """A container: `data` is the volume in which it has a cluster, `files` are by their paths, outside of that."""

    name: str
    labels: dict[str, str] = field(default_factory=dict)
    data: Volume = field(default_factory=Volume)
    command: Sequence[str] = ()
    role: str = ""
    status: str = CREATED
    files: dict[str, bytes] = field(default_factory=dict)
    image: str = ""
    result: ContainerResult = WELL  # a tuple
    id: str = field(default_factory=lambda: token_hex(32))

    def locate(self, path: str) -> tuple[dict[str, bytes], str]:
        """Return the files that a path leads into, and its name among those."""
        name = path.removeprefix(f"{DATA}/")
        return (self.files, path) if name == path else (self.data.files, name)

    def summary(self) -> EngineObject:
        """Return what the engine's list says of it."""
        return {"Id": self.id, "Names": [f"/{self.name}"], "State": self.status, "Labels": self.labels, "Created": 0}

    def details(self) -> EngineObject:
        """Return as much of everything about it as is looked at."""
        running = self.status == RUNNING
        state = {"Status": self.status, "Running": running, "Paused": False, "Restarting": False}
        state |= {"ExitCode": self.result.code, "StartedAt": "2026-11-29T12:00:00.000000000Z"}
        return {
            "Id": self.id,
            "Name": f"/{self.name}",
            "State": state,
            "Config": {"Image": self.image, "Labels": self.labels},
            "HostConfig": {"RestartPolicy": {"Name": "no"}},
        }


def lets_by(filters: Filters | None, labels: Mapping[str, str], name: str) -> bool:
    """Say whether the filters `label` (a key, or a key and its value) and `name` let something by."""
    label, patterns = str((filters or {}).get("label", "")), (filters or {}).get("name", "")
    key, has_value, value = label.partition("=")
    return (not label or (labels.get(key) == value if has_value else key in labels)) and any(
        re.search(each, name) for each in ([patterns] if isinstance(patterns, str) else patterns)
    )
