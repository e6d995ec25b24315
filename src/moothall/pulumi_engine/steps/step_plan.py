"""A dry run: everything that an operation would do, and every reason not to, before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from moothall.pulumi_engine.errors import Conflict, Protected
from moothall.pulumi_engine.protocol.goal import Goal, GoalResult
from moothall.pulumi_engine.protocol.resource_types import VOLUME, Kind, outputs, references
from moothall.pulumi_engine.protocol.urns import PROVIDER_TYPE
from moothall.pulumi_engine.protocol.values import UNKNOWN, Secret, Value, plain
from moothall.pulumi_engine.state.records import options
from moothall.pulumi_engine.state.snapshot import Resource
from moothall.pulumi_engine.steps.apply_goals import Asked
from moothall.pulumi_engine.steps.deletes import Delete
from moothall.pulumi_engine.steps.outcome import Step
from moothall.pulumi_engine.steps.session import Session


@dataclass(frozen=True)
class StepPlan:
    """What will be done: steps of the program in order, then deletes.

    `waits` says for which URNs a container that names an object by a literal must wait. `unchanged` is true when
    neither an object nor the record would change. `asked` is what it was all made from.
    """

    steps: tuple[Step, ...]
    deletes: tuple[Delete, ...]
    waits: Mapping[str, tuple[str, ...]]
    unchanged: bool
    asked: Asked = field(default_factory=Asked)

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The program's steps and the deletes."""
        return (*self.steps, *(delete.step for delete in self.deletes))


@dataclass
class Planner(Session):
    """A session that changes nothing; its ledger is thrown away afterwards."""

    goals: dict[str, Goal] = field(default_factory=dict)
    forced: dict[str, tuple[str, ...]] = field(default_factory=dict)
    vanished: list[Step] = field(default_factory=list)
    replaced: list[Resource] = field(default_factory=list)
    output_changes: int = 0
    asked: Asked = field(default_factory=Asked)

    def register(self, goal: Goal) -> GoalResult:
        """Note the goal, and decide what would be done for it."""
        self.asked.goals[goal.urn] = goal
        return super().register(goal)

    def register_outputs(self, urn: str, outputs: Mapping[str, Value]) -> None:
        """Note the outputs of a component or of the stack, and whether they would change."""
        self.asked.outputs[urn] = outputs
        record = self.context.ledger.get(urn)
        if record is not None and plain(self.context.vault.reveal(record.outputs)) != plain(outputs):
            self.output_changes += 1

    def place(self, kind: Kind, goal: Goal, old: Resource | None) -> GoalResult:
        """Decide, and answer as far as the outputs are known before the object exists."""
        decision = self.decide(kind, goal, old, self.forced.get(old.urn) if old else None)
        self.note_step(decision.step)
        self.goals[goal.urn] = decision.goal
        if decision.step.op == "same" and old is not None:
            return self.settle_same(kind, decision.goal, old)
        if decision.step.op == "replace" and old is not None:
            self._force_dependants(old)
            self.replaced.append(old)
        if decision.step.op == "create" and old is not None and not old.pending_replacement:
            self.vanished.append(decision.step)
        id_ = old.id if old is not None and decision.step.op == "update" else ""
        self.context.ledger.settle(_sketch(decision.goal, id_), old.urn if old else None)
        return GoalResult(goal.urn, id_, _expected(kind, decision.goal, id_))

    def finish(self) -> StepPlan:
        """The plan. Raises the first EngineError met, Protected, or Conflict when the engine itself was exchanged."""
        if self.errors:
            raise self.errors[0]
        self._force_literal_users()
        ledger = self.context.ledger
        deletes = tuple(Delete.of(resource, ledger) for resource in reversed(ledger.unclaimed()))
        _check_protection(self.steps, deletes)
        self._check_users(deletes)
        self._check_same_engine()
        quiet = not deletes and not ledger.all_pending() and not ledger.version and not self.output_changes
        unchanged = quiet and all(step.op == "same" for step in self.steps)
        return StepPlan(
            tuple(self.steps), (*map(Delete, self.context.abandoned()), *deletes), self._waits(), unchanged, self.asked
        )

    def _check_users(self, deletes: Sequence[Delete]) -> None:
        """Refuse to take away what containers of others use, and what a replacement would not retain."""
        for resource in self.replaced:
            if resource.retain_on_delete:
                raise Protected(resource.urn, resource.name, "replace", " and not retained")
        going = [(resource, True) for resource in self.replaced]
        going += [(delete.resource, False) for delete in deletes if delete.touches_engine]
        for resource, replaced in going:
            self.context.check_users(resource, replaced=replaced)
            self.context.check_owner(resource)

    def _force_dependants(self, root: Resource) -> None:
        for resource in self.context.ledger.dependants(root):
            keys = tuple(sorted(key for key, urns in resource.property_dependencies.items() if root.urn in urns))
            self.forced[resource.urn] = keys

    def _force_literal_users(self) -> None:
        """Containers that name a replaced network or volume by a literal string are replaced with it."""
        replaced = {(step.type, step.physical) for step in self.steps if step.op == "replace"}
        for at, step in enumerate(self.steps):
            goal = self.goals.get(step.urn)
            if goal is None or step.op not in ("same", "update"):
                continue
            if replaced.intersection(references(goal.type, goal.inputs)):
                self.steps[at] = replace(step, op="replace")

    def _waits(self) -> dict[str, tuple[str, ...]]:
        makers = {
            (step.type, step.physical): step.urn
            for step in self.steps
            if step.physical and step.op in ("create", "replace")
        }
        waits: dict[str, tuple[str, ...]] = {}
        for urn, goal in self.goals.items():
            named = {makers[ref] for ref in references(goal.type, goal.inputs) if ref in makers} - {urn}
            free = tuple(sorted(maker for maker in named if urn not in _all_needs(maker, self.goals)))
            if free:
                waits[urn] = free
        return waits

    def _check_same_engine(self) -> None:
        """Refuse a changed engine address when the data is not found there: it is another engine."""
        moved = any(step.type == PROVIDER_TYPE and step.op == "update" for step in self.steps)
        lost = [step for step in self.vanished if step.type == VOLUME]
        if moved and lost and not self.context.run.elsewhere:
            raise Conflict(
                f"The engine's address changed, and the volume {lost[0].physical} is not on the new engine.",
                hint="move the data first, or destroy the stack on the old engine",
            )


def _sketch(goal: Goal, id_: str) -> Resource:
    """A record good enough to find dependants by; it is never saved."""
    return Resource(**options(goal, None), custom=True, id=id_, inputs=plain(goal.inputs))


def _expected(kind: Kind, goal: Goal, id_: str) -> dict[str, Value]:
    known = outputs(kind, dict(goal.inputs), id_ or UNKNOWN)
    for name in goal.additional_secret_outputs:
        if name in known:
            known[name] = Secret(plain(known[name]))
    return known


def _all_needs(urn: str, goals: Mapping[str, Goal]) -> set[str]:
    found: set[str] = set()
    waiting = [urn]
    while waiting:
        goal = goals.get(waiting.pop())
        fresh = set(goal.dependencies) - found if goal else set()
        found |= fresh
        waiting += fresh
    return found


def _check_protection(steps: Sequence[Step], deletes: Sequence[Delete]) -> None:
    for step in steps:
        if step.op == "replace" and step.protected:
            declared_at = f", because {', '.join(step.replace_keys)} changed" if step.replace_keys else ""
            raise Protected(step.urn, step.physical or step.name, "replace", declared_at)
    for delete in deletes:
        if delete.resource.protect and not delete.shared:
            raise Protected(delete.resource.urn, delete.step.physical or delete.step.name, "delete", "")
