"""The state of a stack while an operation works on it: what is settled already, and what remains from before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from moothall.pulumi_engine.errors import Conflict
from moothall.pulumi_engine.protocol.resource_types import KINDS, references
from moothall.pulumi_engine.protocol.values import Json
from moothall.pulumi_engine.state.snapshot import Pending, Resource, Snapshot, resource_json

Move = Mapping[str, Json]
"""One change of a ledger as JSON; `journal.replay` makes it again."""


class Ledger:
    """Resources by URN: settled ones in the order of settling, then old ones. Safe for use by several threads.

    `version` rises with each change, so that whoever saves knows whether the file is up to date. Where it is
    `journaled` it remembers its moves, in order, until they are written; a dry run has no use for them.
    """

    def __init__(self, snapshot: Snapshot, *, journaled: bool = False) -> None:
        self._journaled = journaled
        self._moves: list[Move] = []
        self._old = {resource.urn: resource for resource in snapshot.resources}
        self._settled_records: dict[str, Resource] = {}
        self._pending = {item.resource.urn: item for item in snapshot.pending}
        self._new_urns: dict[str, str] = {}
        self._claimed_urns: set[str] = set()
        self._registered_urns: set[str] = set()
        self._base = snapshot
        self._lock = threading.RLock()
        self.version = 0

    def claim(self, urn: str, aliases: Sequence[str]) -> Resource | None:
        """The old resource that a newly registered one continues, None when it is new. Raises Conflict for doubles."""
        with self._lock:
            if urn in self._registered_urns:
                raise Conflict(f"The program declares {urn} twice.", hint="give one of the two another name")
            self._registered_urns.add(urn)
            for candidate in (urn, *aliases):
                if candidate in self._old and candidate not in self._claimed_urns:
                    self._claimed_urns.add(candidate)
                    return self._old[candidate]
            return None

    def old_record(self, urn: str) -> Resource:
        """Return the record that was in the state when the operation began. Raises KeyError."""
        return self._old[urn]

    def get(self, urn: str) -> Resource | None:
        """The present record of a URN."""
        with self._lock:
            return self._settled_records.get(urn) or self._old.get(urn)

    def settle(self, resource: Resource, old_urn: str | None = None, *, changed: bool = True) -> None:
        """Record the resource as done; `old_urn` is the URN of the old record that it continues, `changed` whether the
        record differs from that."""
        with self._lock:
            if changed:
                self._record_move(lambda: {"settle": resource_json(resource), "was": old_urn})
            else:
                self._record_move(lambda: {"same": resource.urn}, is_change=resource.urn in self._pending)
            self._settled_records[resource.urn] = resource
            self._pending.pop(resource.urn, None)
            if old_urn is not None:
                self._old.pop(old_urn, None)
            if old_urn not in (None, resource.urn):
                self._new_urns[str(old_urn)] = resource.urn

    def amend(self, resource: Resource) -> None:
        """Change the present record of a resource where it stands."""
        with self._lock:
            self._record_move(lambda: {"amend": resource_json(resource)})
            records = self._settled_records if resource.urn in self._settled_records else self._old
            records[resource.urn] = resource

    def drop(self, urn: str) -> None:
        """Forget a resource."""
        with self._lock:
            self._record_move(lambda: {"drop": urn})
            self._old.pop(urn, None)
            self._settled_records.pop(urn, None)
            self._pending.pop(urn, None)

    def begin(self, pending: Pending) -> None:
        """Note that a call on the engine is about to be made."""
        with self._lock:
            self._record_move(lambda: {"begin": resource_json(pending.resource), "type": pending.type})
            self._pending[pending.resource.urn] = pending

    def end(self, urn: str) -> None:
        """Note that the call ended, for better or worse."""
        with self._lock:
            self._record_move(lambda: {"end": urn})
            self._pending.pop(urn, None)

    def pending(self, urn: str) -> Pending | None:
        """The call on this resource that was begun and not ended."""
        with self._lock:
            return self._pending.get(urn)

    def all_pending(self) -> list[Pending]:
        """All calls that were begun and not ended."""
        with self._lock:
            return list(self._pending.values())

    def forget_pending(self) -> None:
        """Forget calls of earlier runs: everything that they could have left behind has been dealt with."""
        with self._lock:
            self._record_move(lambda: {"forget": True}, is_change=bool(self._pending))
            self._pending.clear()

    def resources(self) -> list[Resource]:
        """All records in an order in which each comes after what it needs."""
        with self._lock:
            return [*self._settled_records.values(), *(self._follow(resource) for resource in self._old.values())]

    def unclaimed_resources(self) -> list[Resource]:
        """The old resources that the program did not ask for."""
        with self._lock:
            return [resource for urn, resource in self._old.items() if urn not in self._claimed_urns]

    def dependants(self, root: Resource) -> list[Resource]:
        """Resources that must go before `root` can be replaced, furthest first: those with a property made from it,
        or a name of it in their inputs, and in turn their own."""
        dependants_by_urn: dict[str, Resource] = {root.urn: root}
        for resource in self.resources():
            if resource.custom and any(_is_made_from(resource, other) for other in dependants_by_urn.values()):
                dependants_by_urn.setdefault(resource.urn, resource)
        del dependants_by_urn[root.urn]
        return list(reversed(dependants_by_urn.values()))

    def snapshot(self, salt_line: str | None) -> Snapshot:
        """All of it, as it is to be saved."""
        with self._lock:
            return Snapshot(tuple(self.resources()), tuple(self._pending.values()), salt_line, self._base.rest)

    def unwritten_moves(self) -> tuple[int, list[Move]]:
        """Return the version, and the moves that led to it and are not yet on disk."""
        with self._lock:
            return self.version, list(self._moves)

    def forget_moves(self, moves: Sequence[Move]) -> None:
        """Forget these moves, the first of the unwritten ones: they are on disk."""
        with self._lock:
            del self._moves[: len(moves)]

    def _record_move(self, move: Callable[[], Move], *, is_change: bool = True) -> None:
        """Remember a move, and raise the version if it `is_change`."""
        if self._journaled:
            self._moves.append(move())
        self.version += is_change

    def _follow(self, resource: Resource) -> Resource:
        """An old record with references to renamed resources brought up to date."""
        if not self._new_urns or not any(urn in self._new_urns for urn in resource.needs()):
            return resource
        new = self._new_urns
        urn, _, id_ = resource.provider.rpartition("::")
        return replace(
            resource,
            parent=new.get(resource.parent, resource.parent),
            provider=f"{new.get(urn, urn)}::{id_}" if resource.provider else "",
            dependencies=tuple(new.get(item, item) for item in resource.dependencies),
            property_dependencies={
                key: [new.get(item, item) for item in urns] for key, urns in resource.property_dependencies.items()
            },
        )


def _is_made_from(resource: Resource, root: Resource) -> bool:
    properties = KINDS[resource.type].properties if resource.type in KINDS else {}
    for key, urns in resource.property_dependencies.items():
        if root.urn in urns and key in properties and properties[key].replaces:
            return True
    return any(type_ == root.type and name in (root.name, root.id) for type_, name in references_of(resource))


def references_of(resource: Resource) -> Iterable[tuple[str, str]]:
    """The Docker objects that a recorded resource names."""
    return references(resource.type, resource.inputs)


def uses(resource: Resource, other: Resource) -> bool:
    """Whether the first needs the second in any way, so that the second must be deleted later."""
    return other.urn in set(resource.needs()) or any(
        type_ == other.type and name in (other.name, other.id) for type_, name in references_of(resource)
    )
