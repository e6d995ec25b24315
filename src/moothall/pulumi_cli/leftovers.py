"""What a killed run has left between an engine and the state, cleared away before the CLI runs.

The CLI believes its state: what was begun and is not recorded it would begin again, and meet as a conflict of names.
The embedded engine adopts or removes it as it goes; here it is removed, but for volumes, which are taken as they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from moothall.model.engines import Endpoint
from moothall.pulumi_engine.errors import Conflict, EngineError, NotOwned
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, KINDS, NETWORK, VOLUME, labels
from moothall.pulumi_engine.protocol.urns import provider_urn
from moothall.pulumi_engine.protocol.values import plain, without_defaults
from moothall.pulumi_engine.provider.port import Connect, Facts, Live, Provider, StepFailed
from moothall.pulumi_engine.state.snapshot import Resource, Snapshot
from moothall.pulumi_engine.steps.session import address_of
from moothall.pulumi_engine.steps.step_executor import LOOKS_FOR_LATECOMER

_ORDER = (CONTAINER, NETWORK, VOLUME)
"""In which leftovers go: what is on a network before it, what mounts a volume before that."""


class Leftovers:
    """The leftovers of one stack, whose every object carries the label `ownership`."""

    def __init__(self, snapshot: Snapshot, ownership: tuple[str, str], connect: Connect) -> None:
        self._snapshot = snapshot
        self._ownership = ownership
        self._connect = connect
        self._facts: dict[Endpoint, Facts] = {}
        self._records = {resource.urn: resource for resource in snapshot.resources}

    def clear(self, tell: Callable[[str], None], *, with_data: bool = False) -> Snapshot:
        """Remove them, volumes only `with_data`, and return the state in which nothing is pending.

        Raises NotOwned for what somebody else has made under such a name, EngineUnreachable, and EngineError where the
        engine does not let go.
        """
        kinds = _ORDER if with_data else _ORDER[:-1]
        pending_creates = [item.resource for item in self._snapshot.pending if item.type == "creating"]
        for resource, live in self._find_existing([record for record in pending_creates if record.type in kinds]):
            self._remove(resource, live)
            tell(f"removed {live.name}, which a killed run had begun to make")
        pending_deletes = {item.resource.urn for item in self._snapshot.pending if item.type == "deleting"}
        resources = (
            self._finish_removal(record) if record.urn in pending_deletes else record
            for record in self._snapshot.resources
        )
        return replace(self._snapshot, resources=tuple(resources), pending=())

    def _find_existing(self, pending_creates: list[Resource]) -> Iterator[tuple[Resource, Live]]:
        """Those that are there; an engine may be making one for the killed run yet."""
        live_by_urn: dict[str, Live] = {}
        for pause in LOOKS_FOR_LATECOMER:
            time.sleep(pause)
            self._facts.clear()
            live_by_urn |= {
                candidate.urn: live
                for candidate in pending_creates
                if candidate.urn not in live_by_urn and (live := self._by_name(candidate))
            }
            if len(live_by_urn) == len(pending_creates):
                break
        for resource in sorted(pending_creates, key=lambda candidate: _ORDER.index(candidate.type)):
            if resource.urn in live_by_urn:
                yield resource, live_by_urn[resource.urn]

    def _by_name(self, resource: Resource) -> Live | None:
        """The object of this name that no record knows. Raises NotOwned."""
        live = self._facts_of(resource).with_name(resource.type, resource.name)
        if live is None or any(live.id == record.id for record in self._records.values() if record.type == live.kind):
            return None
        self._check_owner(live)
        return live

    def _check_owner(self, live: Live, recorded_owner: str | None = None) -> None:
        key, value = self._ownership
        if live.labels.get(key) not in (value, recorded_owner or value):
            raise NotOwned(KINDS[live.kind].word, live.name, live.labels.get(key))

    def _remove(self, resource: Resource, live: Live) -> None:
        try:
            self._engine_of(resource).delete(resource.type, live.id, plain(without_defaults(resource.inputs)))
        except StepFailed as error:
            message = f"{live.name}, which a killed run has left, cannot be removed: {error.message.rstrip('.')}."
            hint = "moothall up --yes  # by the embedded engine, which takes over what is there"
            raise EngineError(message, state="Nothing else was touched.", hint=hint) from error

    def _finish_removal(self, record: Resource) -> Resource:
        """The record of an object whose removal was begun: a container, which may have stopped, goes for good; of
        networks and volumes, what is still there is whole."""
        live = self._facts_of(record).with_id(record.type, record.id)
        if live is not None and record.type != CONTAINER:
            return record
        if live is not None:
            self._check_owner(live, labels(record.inputs).get(self._ownership[0]))
            self._remove(record, live)
        return replace(record, pending_replacement=True)

    def _facts_of(self, resource: Resource) -> Facts:
        address = self._address(resource)
        if address not in self._facts:
            self._facts[address] = self._connect(address).facts()
        return self._facts[address]

    def _engine_of(self, resource: Resource) -> Provider:
        return self._connect(self._address(resource))

    def _address(self, resource: Resource) -> Endpoint:
        provider = self._records.get(provider_urn(resource.provider))
        if provider is None:
            raise Conflict(f"{resource.urn} has no provider in the state.")
        return address_of(provider.inputs)
