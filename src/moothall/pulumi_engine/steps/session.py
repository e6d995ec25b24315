"""One run of a program against a ledger: the part that a preview and a real run have in common."""

from __future__ import annotations

import json
import threading
import uuid
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from moothall.model.engines import Endpoint
from moothall.pulumi_engine.errors import Conflict, EngineError, EngineUnreachable, InUse, NotOwned, Unsupported
from moothall.pulumi_engine.protocol.goal import Goal, GoalResult
from moothall.pulumi_engine.protocol.resource_types import KINDS, NETWORK, VOLUME, Kind, labels
from moothall.pulumi_engine.protocol.urns import PROVIDER_TYPE, provider_urn
from moothall.pulumi_engine.protocol.values import Value, has_unknown, plain, without_defaults
from moothall.pulumi_engine.provider.port import Connect, Facts, Provider
from moothall.pulumi_engine.state.backend import StackRun
from moothall.pulumi_engine.state.ledger import Ledger
from moothall.pulumi_engine.state.records import options, program_outputs, recorded_inputs, same_record
from moothall.pulumi_engine.state.snapshot import Resource, now
from moothall.pulumi_engine.state.vault import Vault
from moothall.pulumi_engine.steps.outcome import Op, Step
from moothall.pulumi_engine.steps.step_generator import Decision, Situation, decide

PROVIDER_INPUTS = frozenset({"host", "certPath", "sshOpts", "version"})
STRICT_SSH = ["-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes"]
"""How every host is reached over ssh, and so the only `sshOpts` that may be given; a provider's input is JSON text."""


class Engines:
    """The engines of one operation: each is connected to and looked at once, when first needed."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._providers: dict[Endpoint, Provider] = {}
        self._facts: dict[Endpoint, Facts] = {}
        self._unreachable: dict[Endpoint, EngineUnreachable] = {}
        self._locks: defaultdict[Endpoint, threading.Lock] = defaultdict(threading.Lock)

    def connect_to(self, address: Endpoint) -> tuple[Provider, Facts]:
        """The provider at an address and the objects that it held when first connected. Raises EngineUnreachable."""
        with self._locks[address]:
            if address in self._unreachable:
                raise self._unreachable[address]
            if address not in self._providers:
                try:
                    provider = self._connect(address)
                    self._facts[address] = provider.facts()
                except EngineUnreachable as error:  # what waits for the same engine need not wait as long
                    self._unreachable[address] = error
                    raise
                self._providers[address] = provider
            return self._providers[address], self._facts[address]


@dataclass
class OperationContext:
    """What preview and real run share: the run, its ledger, its secrets and its engines."""

    run: StackRun
    ledger: Ledger
    vault: Vault
    engines: Engines

    def engine_of(self, resource: Resource) -> tuple[Provider, Facts]:
        """The engine that holds a recorded object."""
        provider = self.ledger.get(provider_urn(resource.provider))
        if provider is None:
            raise Conflict(f"{resource.urn} has no provider in the state.")
        return self.engines.connect_to(address_of(provider.inputs))

    def check_owner(self, resource: Resource) -> None:
        """Raise NotOwned when the recorded object has become somebody else's; a volume's name can be taken over."""
        key, value = self.run.ownership
        live = self.engine_of(resource)[1].with_id(resource.type, resource.id)
        if live is not None and live.labels.get(key) not in (value, labels(resource.inputs).get(key)):
            raise NotOwned(KINDS[resource.type].word, live.name, live.labels.get(key))

    def check_users(self, resource: Resource, *, replaced: bool = False) -> None:
        """Raise InUse when containers that are not of this stack use the object; followers go along with a network."""
        key, value = self.run.ownership
        if resource.type not in (NETWORK, VOLUME):
            return
        users = self.engine_of(resource)[1].users(resource.type, resource.name)
        followers = self.run.followers if replaced and resource.type == NETWORK else frozenset()
        other_users = sorted(
            live.name for live in users if live.labels.get(key) != value and live.name not in followers
        )
        if other_users:
            raise InUse(KINDS[resource.type].word, resource.name, other_users)

    def abandoned_objects(self, *, with_data: bool = False) -> Iterator[Resource]:
        """Objects that a killed run began to make and that no record knows; volumes only when data may go."""
        key, value = self.run.ownership
        for item in self.ledger.all_pending():
            resource = item.resource
            if item.type != "creating" or resource.type not in KINDS or self.ledger.get(resource.urn) is not None:
                continue
            live = self.engine_of(resource)[1].with_name(resource.type, resource.name)
            if live is None or live.labels.get(key) != value or (live.kind == VOLUME and not with_data):
                continue
            yield replace(resource, id=live.id, protect=False, retain_on_delete=False)


def address_of(inputs: Mapping[str, Value]) -> Endpoint:
    """The address that a provider's inputs give."""
    values = plain(inputs)
    return Endpoint(str(values.get("host", "")), str(values.get("certPath", "")))


@dataclass
class Session(ABC):
    """Answers a program's registrations. Calls come from many threads at once.

    An error of the world is kept in `errors` and the program hears that the resource failed.
    """

    context: OperationContext
    steps: list[Step] = field(default_factory=list)
    errors: list[EngineError] = field(default_factory=list)
    failed_urns: set[str] = field(default_factory=set)

    def register(self, goal: Goal) -> GoalResult:
        """Do what the goal needs and answer; a resource that needs a failed one is not tried."""
        try:
            old = self.context.ledger.claim(goal.urn, goal.aliases)
            if self.is_blocked(goal):
                self.failed_urns.add(goal.urn)
                return GoalResult(goal.urn, failed=True)
            return self._dispatch(goal, old)
        except EngineError as error:
            self.errors.append(error)
            self.failed_urns.add(goal.urn)
            return GoalResult(goal.urn, failed=True)

    def is_blocked(self, goal: Goal) -> bool:
        """Whether something that the goal cannot do without has failed."""
        return not self.failed_urns.isdisjoint(needs_of(goal))

    def register_outputs(self, urn: str, outputs: Mapping[str, Value]) -> None:
        """Record the outputs of a component or of the stack."""
        record = self.context.ledger.get(urn)
        if record is None or has_unknown(outputs):
            return
        sealed_outputs = {} if not outputs else self._sealed_outputs(record, outputs)
        if sealed_outputs != record.outputs:
            self.context.ledger.amend(replace(record, outputs=sealed_outputs, modified=now()))

    def decide(self, kind: Kind, goal: Goal, old: Resource | None, forced_keys: tuple[str, ...] | None) -> Decision:
        """The decision for a Docker object, from the engine of its provider."""
        if not goal.provider:
            raise Unsupported("the default Docker provider", goal.urn)
        _, facts = self.context.engines.connect_to(self._address(goal))
        situation = Situation(
            old=old,
            recorded_inputs=recorded_inputs(old, self.context.vault) if old else {},
            facts=facts,
            ownership=self.context.run.ownership,
            pending=self.context.ledger.pending(old.urn) if old else None,
            forced_keys=forced_keys,
            deleted_ids=self.deleted_ids(),
        )
        return decide(kind, goal, situation)

    def deleted_ids(self) -> frozenset[str]:
        """The ids of objects that this session has deleted."""
        return frozenset()

    @abstractmethod
    def place(self, kind: Kind, goal: Goal, old: Resource | None) -> GoalResult:
        """Bring a Docker object about, or pretend to."""

    def note_step(self, step: Step) -> None:
        """Remember a step; appending is atomic, so no lock is needed."""
        self.steps.append(step)

    def settle_same(self, kind: Kind | None, goal: Goal, old: Resource) -> GoalResult:
        """Record that nothing was done; the ledger's version rises only when the record differs."""
        record = same_record(kind, goal, old, self.context.vault)
        self.context.ledger.settle(record, old.urn, changed=record is not old)
        if kind is None:
            return GoalResult(goal.urn, record.id, dict(goal.inputs))
        return GoalResult(goal.urn, record.id, program_outputs(kind, goal, record, self.context.vault))

    def _sealed_outputs(self, record: Resource, outputs: Mapping[str, Value]) -> dict[str, Value]:
        return dict(self.context.vault.seal(outputs, record.outputs))

    def _dispatch(self, goal: Goal, old: Resource | None) -> GoalResult:
        if not goal.custom:
            return self._place_logical(goal, old)
        if goal.type == PROVIDER_TYPE:
            return self._place_provider(goal, old)
        kind = KINDS.get(goal.type)
        if kind is None:
            raise Unsupported(f"the resource type {goal.type}", goal.urn)
        return self.place(kind, goal, old)

    def _place_logical(self, goal: Goal, old: Resource | None) -> GoalResult:
        self.note_step(Step("same" if old else "create", goal.urn, goal.type, goal.name, protected=goal.protect))
        if old is not None:
            return self.settle_same(None, goal, old)
        time = now()
        self.context.ledger.settle(Resource(**options(goal, None), custom=False, created=time, modified=time))
        return GoalResult(goal.urn)

    def _place_provider(self, goal: Goal, old: Resource | None) -> GoalResult:
        for name in sorted(goal.inputs.keys() - PROVIDER_INPUTS):
            raise Unsupported(f"the input {name} of a Docker provider", goal.urn)
        if has_unknown(goal.inputs) or not goal.inputs.get("host"):
            raise Unsupported("a Docker provider without a fixed host", goal.urn)
        ssh_options = goal.inputs.get("sshOpts")
        if ssh_options is not None and (not isinstance(ssh_options, str) or json.loads(ssh_options) != STRICT_SSH):
            raise Unsupported("ssh with other options than that the host is known", goal.urn)
        old_inputs = without_defaults(old.inputs) if old else {}
        changed_keys = tuple(
            sorted(k for k in PROVIDER_INPUTS - {"version"} if old_inputs.get(k) != goal.inputs.get(k))
        )
        op: Op = "create" if old is None else "update" if changed_keys else "same"
        self.note_step(Step(op, goal.urn, goal.type, goal.name, changed_keys if old else (), protected=goal.protect))
        if old is not None and not changed_keys:
            return self.settle_same(None, goal, old)
        record = self._provider_record(goal, old)
        self.context.ledger.settle(record, old.urn if old else None)
        return GoalResult(goal.urn, record.id, dict(goal.inputs))

    def _provider_record(self, goal: Goal, old: Resource | None) -> Resource:
        inputs, time = dict(plain(goal.inputs)), now()
        return Resource(
            **options(goal, old),
            custom=True,
            id=old.id if old else str(uuid.uuid4()),
            inputs=inputs,
            outputs=inputs,
            created=old.created if old else time,
            modified=time,
        )

    def _address(self, goal: Goal) -> Endpoint:
        provider = self.context.ledger.get(provider_urn(goal.provider))
        if provider is None:
            raise Conflict(f"{goal.urn} names a provider that the program does not declare.")
        return address_of(provider.inputs)


def needs_of(goal: Goal) -> set[str]:
    """The URNs that a goal cannot do without."""
    provider = {provider_urn(goal.provider)} if goal.provider else set()
    return {goal.parent, *goal.dependencies, *provider}
