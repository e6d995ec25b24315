"""A machine in memory of which every call can be watched, and which can fall silent at any of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import count
from typing import Any, NamedTuple

from tests.fakes.provided import HOST, SILENCE, Machine
from tests.pulumi_engine.memory_engine import MemoryEngine

from moothall.pulumi_engine import EngineUnreachable
from moothall.pulumi_engine.protocol.resource_types import VOLUME
from moothall.pulumi_engine.provider.port import Facts, Live, StepFailed

Watch = Callable[[str], None]
_IDS = count(1)
"""The ends of all ids: what is remembered of one engine never fits an object of another by chance."""


class Held(NamedTuple):
    """All that an engine holds at a moment: its objects, what they were made with, and what is in the volumes."""

    objects: Mapping[str, Live]
    inputs: Mapping[str, Mapping[str, Any]]
    contents: Mapping[str, str]


NOTHING = Held({}, {}, {})


class WatchedEngine(MemoryEngine):
    """A provider that tells `watch` of each call: of a change before it is made, and once more when it is.

    What `watch` raises is how the call ends. `contents` is what is written in each volume.
    """

    def __init__(self, watch: Watch, held: Held = NOTHING) -> None:
        super().__init__()
        self.watch = watch
        self.objects, self.inputs, self.contents = dict(held.objects), dict(held.inputs), dict(held.contents)

    def begin(self, type_: str, name: str) -> str:
        """Return a fresh id for an object that is going to be made, which none has had before."""
        return f"{super().begin(type_, name)}{'' if type_ == VOLUME else f'-{next(_IDS)}'}"

    def facts(self) -> Facts:
        """Look at everything."""
        self.watch("look")
        return super().facts()

    def create(self, type_: str, inputs: Mapping[str, Any]) -> str:
        """Make an object whose name is free; a new volume is empty. Raises StepFailed."""
        self.watch(f"create {inputs['name']}")
        if any((live.kind, live.name) == (type_, inputs["name"]) for live in self.objects.values()):
            raise StepFailed(f"The name {inputs['name']} is in use.")
        id_ = super().create(type_, inputs)
        if type_ == VOLUME:
            self.contents[id_] = ""
        self.watch(f"created {inputs['name']}")
        return id_

    def adoptable(self, live: Live, inputs: Mapping[str, Any]) -> bool:
        """Look at an object more closely."""
        self.watch(f"look at {live.name}")
        return super().adoptable(live, inputs)

    def update(self, type_: str, id_: str, inputs: Mapping[str, Any], changed: frozenset[str]) -> None:
        """Change an object in place."""
        self.watch(f"update {inputs['name']}")
        super().update(type_, id_, inputs, changed)
        self.watch(f"updated {inputs['name']}")

    def delete(self, type_: str, id_: str, inputs: Mapping[str, Any]) -> None:
        """Remove an object, and what is in it."""
        self.watch(f"delete {inputs['name']}")
        super().delete(type_, id_, inputs)
        self.inputs.pop(id_, None)
        self.contents.pop(id_, None)
        self.watch(f"deleted {inputs['name']}")

    def release(self, network: str, containers: Collection[str]) -> None:
        """Take containers off a network."""
        self.watch("release")
        super().release(network, containers)
        self.watch("released")


class WatchedMachine(Machine):
    """A machine whose calls go to `watch`, whichever port they come through.

    `fall` has it be silent from a call on: where that is the second word of a change, the change is made.
    """

    engine: WatchedEngine

    def __init__(self) -> None:
        super().__init__()
        self.watch: Watch = lambda what: None
        self.heard: list[str] = []
        self.engine = WatchedEngine(self.hear)

    def hear(self, what: str) -> None:
        """Note a call of the provider. Raises EngineUnreachable where the machine is silent."""
        self.heard.append(what)
        self.watch(what)
        if self.silent:
            raise EngineUnreachable(HOST, SILENCE)

    def who(self, endpoint: object = None) -> str:
        """Return what the engine is known by."""
        self.hear("who")
        return super().who(endpoint)

    def connect(self, address: object) -> MemoryEngine:
        """Return the engine as a provider."""
        self.hear("connect")
        return super().connect(address)

    def asked(self) -> None:
        """Take a call of whoever lists containers beside the stacks."""
        self.heard.append("list")
        self.watch("list")
        super().asked()

    def silent_from(self, number: int) -> None:
        """Fall silent at the call with a number, counted from now on."""
        self.heard.clear()

        def fall(what: str) -> None:
            if len(self.heard) > number:
                self.silent = True

        self.watch = fall

    def answer_again(self) -> None:
        """Answer, and be watched no more."""
        self.silent = False
        self.watch = lambda what: None

    def hold(self) -> Held:
        """Return all that there is."""
        engine = self.engine
        return Held(dict(engine.objects), dict(engine.inputs), dict(engine.contents))

    def resume(self, held: Held) -> None:
        """Have what there was at a moment, and nothing else; whatever is made from now on has an id of its own."""
        self.engine = WatchedEngine(self.hear, held)
        self.made.clear()
        self.answer_again()
