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
from moothall.pulumi_engine.steps.apply_goals import ProgramGoals
from moothall.pulumi_engine.steps.deletes import Delete
from moothall.pulumi_engine.steps.outcome import Step
from moothall.pulumi_engine.steps.session import Session


@dataclass(frozen=True)
class StepPlan:
    """What will be done: steps of the program in order, then deletes.

    `waits` says for which URNs a container that names an object by a literal must wait. `unchanged` is true when
    neither an object nor the record would change. `program_goals` is what it was all made from.
    """

    steps: tuple[Step, ...]
    deletes: tuple[Delete, ...]
    waits: Mapping[str, tuple[str, ...]]
    unchanged: bool
    program_goals: ProgramGoals = field(default_factory=ProgramGoals)

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The program's steps and the deletes."""
        return (*self.steps, *(delete.step for delete in self.deletes))


@dataclass
class Planner(Session):
    """A session that changes nothing; its ledger is thrown away afterwards."""

    goals: dict[str, Goal] = field(default_factory=dict)
    forced_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    vanished_steps: list[Step] = field(default_factory=list)
    replaced_resources: list[Resource] = field(default_factory=list)
    output_changes: int = 0
    program_goals: ProgramGoals = field(default_factory=ProgramGoals)

    def register(self, goal: Goal) -> GoalResult:
        """Note the goal, and decide what would be done for it."""
        self.program_goals.goals[goal.urn] = goal
        return super().register(goal)

    def register_outputs(self, urn: str, outputs: Mapping[str, Value]) -> None:
        """Note the outputs of a component or of the stack, and whether they would change."""
        self.program_goals.outputs[urn] = outputs
        record = self.context.ledger.get(urn)
        if record is not None and plain(self.context.vault.reveal(record.outputs)) != plain(outputs):
            self.output_changes += 1

    def place(self, kind: Kind, goal: Goal, old: Resource | None) -> GoalResult:
        """Decide, and answer as far as the outputs are known before the object exists."""
        decision = self.decide(kind, goal, old, self.forced_keys.get(old.urn) if old else None)
        self.note_step(decision.step)
        self.goals[goal.urn] = decision.goal
        if decision.step.op == "same" and old is not None:
            return self.settle_same(kind, decision.goal, old)
        if decision.step.op == "replace" and old is not None:
            self._force_dependants(old)
            self.replaced_resources.append(old)
        if decision.step.op == "create" and old is not None and not old.pending_replacement:
            self.vanished_steps.append(decision.step)
        id_ = old.id if old is not None and decision.step.op == "update" else ""
        self.context.ledger.settle(_sketch(decision.goal, id_), old.urn if old else None)
        return GoalResult(goal.urn, id_, _expected_outputs(kind, decision.goal, id_))

    def finish(self) -> StepPlan:
        """The plan. Raises the first EngineError met, Protected, or Conflict when the engine itself was exchanged."""
        if self.errors:
            raise self.errors[0]
        self._force_literal_users()
        ledger = self.context.ledger
        deletes = tuple(Delete.of(resource, ledger) for resource in reversed(ledger.unclaimed_resources()))
        _check_protection(self.steps, deletes)
        self._check_users(deletes)
        self._check_same_engine()
        nothing_else_changes = (
            not deletes and not ledger.all_pending() and not ledger.version and not self.output_changes
        )
        unchanged = nothing_else_changes and all(step.op == "same" for step in self.steps)
        return StepPlan(
            tuple(self.steps),
            (*map(Delete, self.context.abandoned_objects()), *deletes),
            self._waits(),
            unchanged,
            self.program_goals,
        )

    def _check_users(self, deletes: Sequence[Delete]) -> None:
        """Refuse to take away what containers of others use, and what a replacement would not retain."""
        for resource in self.replaced_resources:
            if resource.retain_on_delete:
                raise Protected(resource.urn, resource.name, "replace", " and not retained")
        removals = [(resource, True) for resource in self.replaced_resources]
        removals += [(delete.resource, False) for delete in deletes if delete.touches_engine]
        for resource, replaced in removals:
            self.context.check_users(resource, replaced=replaced)
            self.context.check_owner(resource)

    def _force_dependants(self, root: Resource) -> None:
        for resource in self.context.ledger.dependants(root):
            keys = tuple(sorted(key for key, urns in resource.property_dependencies.items() if root.urn in urns))
            self.forced_keys[resource.urn] = keys

    def _force_literal_users(self) -> None:
        """Containers that name a replaced network or volume by a literal string are replaced with it."""
        replaced_objects = {(step.type, step.physical) for step in self.steps if step.op == "replace"}
        for index, step in enumerate(self.steps):
            goal = self.goals.get(step.urn)
            if goal is None or step.op not in ("same", "update"):
                continue
            if replaced_objects.intersection(references(goal.type, goal.inputs)):
                self.steps[index] = replace(step, op="replace")

    def _waits(self) -> dict[str, tuple[str, ...]]:
        makers = {
            (step.type, step.physical): step.urn
            for step in self.steps
            if step.physical and step.op in ("create", "replace")
        }
        waits: dict[str, tuple[str, ...]] = {}
        for urn, goal in self.goals.items():
            named_makers = {makers[ref] for ref in references(goal.type, goal.inputs) if ref in makers} - {urn}
            makers_to_await = tuple(sorted(maker for maker in named_makers if urn not in _all_needs(maker, self.goals)))
            if makers_to_await:
                waits[urn] = makers_to_await
        return waits

    def _check_same_engine(self) -> None:
        """Refuse a changed engine address when the data is not found there: it is another engine."""
        engine_moved = any(step.type == PROVIDER_TYPE and step.op == "update" for step in self.steps)
        lost_volumes = [step for step in self.vanished_steps if step.type == VOLUME]
        if engine_moved and lost_volumes and not self.context.run.accepts_other_engine:
            raise Conflict(
                f"The engine's address changed, and the volume {lost_volumes[0].physical} is not on the new engine.",
                hint="move the data first, or destroy the stack on the old engine",
            )


def _sketch(goal: Goal, id_: str) -> Resource:
    """A record good enough to find dependants by; it is never saved."""
    return Resource(**options(goal, None), custom=True, id=id_, inputs=plain(goal.inputs))


def _expected_outputs(kind: Kind, goal: Goal, id_: str) -> dict[str, Value]:
    expected = outputs(kind, dict(goal.inputs), id_ or UNKNOWN)
    for name in goal.additional_secret_outputs:
        if name in expected:
            expected[name] = Secret(plain(expected[name]))
    return expected


def _all_needs(urn: str, goals: Mapping[str, Goal]) -> set[str]:
    needs: set[str] = set()
    queue = [urn]
    while queue:
        goal = goals.get(queue.pop())
        new_needs = set(goal.dependencies) - needs if goal else set()
        needs |= new_needs
        queue += new_needs
    return needs


def _check_protection(steps: Sequence[Step], deletes: Sequence[Delete]) -> None:
    for step in steps:
        if step.op == "replace" and step.protected:
            declared_at = f", because {', '.join(step.replace_keys)} changed" if step.replace_keys else ""
            raise Protected(step.urn, step.physical or step.name, "replace", declared_at)
    for delete in deletes:
        if delete.resource.protect and not delete.shared:
            raise Protected(delete.resource.urn, delete.step.physical or delete.step.name, "delete", "")
