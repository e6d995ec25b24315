"""The port to a container engine: what is there, and the three calls that change it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from moothall.model.engines import Endpoint
from moothall.pulumi_engine.protocol.values import Json


@dataclass(frozen=True)
class Live:
    """An object found on the engine; `kind` is its resource type. About containers only: whether it is `running`, and
    which networks and volumes it `uses`, as pairs of resource type and name."""

    kind: str
    id: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    running: bool = False
    uses: frozenset[tuple[str, str]] = frozenset()


class Facts:
    """All objects of an engine at one moment."""

    def __init__(self, objects: Iterable[Live]) -> None:
        self._objects = tuple(objects)
        self._by_id = {(live.kind, live.id): live for live in self._objects}
        self._by_name = {(live.kind, live.name): live for live in self._objects}

    def with_id(self, kind: str, id_: str) -> Live | None:
        """The object with this id."""
        return self._by_id.get((kind, id_))

    def with_name(self, kind: str, name: str) -> Live | None:
        """The object with this name."""
        return self._by_name.get((kind, name))

    def all(self) -> tuple[Live, ...]:
        """Every object."""
        return self._objects

    def users(self, kind: str, name: str) -> list[Live]:
        """The containers that use a network or volume, running or not."""
        return [live for live in self._objects if (kind, name) in live.uses]


class StepFailed(Exception):  # named after what happened
    """A call on the engine failed. `left_id` is the id of an object that the failed creation leaves behind."""

    def __init__(self, message: str, left_id: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.left_id = left_id


class EndpointLeaked(StepFailed):
    """A network cannot be removed although nobody is on it: the engine has lost count until its next start."""


class Provider(Protocol):
    """One container engine. Inputs are plain JSON with defaults filled in. Calls may come from several threads."""

    def facts(self) -> Facts:
        """Look at the engine now: one list call for each kind. Raises EngineUnreachable."""

    def create(self, type_: str, inputs: Mapping[str, Json]) -> str:
        """Make the object and return its id; a leftover is not looked for. Raises StepFailed."""

    def adoptable(self, live: Live, inputs: Mapping[str, Json]) -> bool:
        """Whether the object that exists already is what `create` would make, so that it can be taken as it is."""

    def update(self, type_: str, id_: str, inputs: Mapping[str, Json], changed_properties: frozenset[str]) -> None:
        """Change the object in place where these properties changed. Raises StepFailed."""

    def delete(self, type_: str, id_: str, inputs: Mapping[str, Json]) -> None:
        """Remove the object; one that is gone already is well. Raises StepFailed."""

    def release(self, network: str, containers: Collection[str]) -> None:
        """Take these containers, as far as they are on it, off a network that goes. Raises StepFailed."""

    def logs(self, id_: str) -> str:
        """What a container has written so far."""

    def exit_code(self, id_: str) -> int | None:
        """With what a container ended; None while it runs, where it never ran, and where it is gone."""


class Connect(Protocol):
    """Opens a provider; it makes no call yet."""

    def __call__(self, address: Endpoint) -> Provider:
        """The provider of the engine at this address."""
