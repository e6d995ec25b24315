"""Carrying out what a program asked for when it was run dry, without running it once more.

Pulumi runs every program twice. The second run is for programs that make something of what an engine answers, such as
an id; one that only declares would ask for the same again, word for word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from moothall.pulumi_engine.protocol.goal import Goal
from moothall.pulumi_engine.protocol.urns import provider_urn
from moothall.pulumi_engine.protocol.values import Value, has_unknown
from moothall.pulumi_engine.state.ledger import Ledger
from moothall.pulumi_engine.steps.dag import walk
from moothall.pulumi_engine.steps.session import Session, needs_of

AT_ONCE = 64
"""Goals that are worked on at once, most of them waiting; what an engine does at once is bounded elsewhere."""


@dataclass
class ProgramGoals:
    """What a program asked for: its resources by URN, and the outputs of its components and of the stack."""

    goals: dict[str, Goal] = field(default_factory=dict)
    outputs: dict[str, Mapping[str, Value]] = field(default_factory=dict)

    @property
    def has_no_unknowns(self) -> bool:
        """Whether nothing of it waits for what an engine answers."""
        return not any(map(has_unknown, [goal.inputs for goal in self.goals.values()] + [*self.outputs.values()]))


def apply_goals(program_goals: ProgramGoals, waits: Mapping[str, tuple[str, ...]], session: Session) -> None:
    """Register everything with a session, each goal after what it needs and what it `waits` for."""
    needs = {
        urn: program_goals.goals.keys() & needs_of(goal).union(waits.get(urn, ()))
        for urn, goal in program_goals.goals.items()
    }
    walk(needs, lambda urn: session.register(_with_provider(program_goals.goals[urn], session.context.ledger)), AT_ONCE)
    for urn, outputs in program_goals.outputs.items():
        session.register_outputs(urn, outputs)


def _with_provider(goal: Goal, ledger: Ledger) -> Goal:
    """The goal with the id that its provider has now; a dry run gave it one for the time being."""
    urn = provider_urn(goal.provider)
    provider = ledger.get(urn) if urn else None
    return replace(goal, provider=f"{urn}::{provider.id}") if provider else goal
