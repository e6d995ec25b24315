"""What must happen to one resource: a pure decision from the goal, the record and what the engine holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from moothall.pulumi_engine.errors import Conflict, NotOwned
from moothall.pulumi_engine.protocol.goal import Goal
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, Kind, check, labels, wants_running
from moothall.pulumi_engine.protocol.values import Value, plain
from moothall.pulumi_engine.provider.port import Facts, Live
from moothall.pulumi_engine.state.snapshot import Pending, Resource
from moothall.pulumi_engine.steps.diff import (
    Path,
    change,
    diff,
    matches,
    replacement_paths,
    without_ignored,
    write_path,
)
from moothall.pulumi_engine.steps.outcome import Op, Step
from moothall.pulumi_engine.steps.reload_in_place import takes_in_place


@dataclass(frozen=True)
class Situation:
    """All that a decision depends on beside the goal.

    `recorded_inputs` are the old inputs with secrets revealed, `forced_keys` the properties for which a replacement was
    already begun because something it is made from is replaced, `deleted_ids` the ids of objects that this run has
    deleted.
    """

    old: Resource | None
    recorded_inputs: Mapping[str, Value]
    facts: Facts
    ownership: tuple[str, str]
    pending: Pending | None = None
    forced_keys: tuple[str, ...] | None = None
    deleted_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Decision:
    """The step for a goal. `goal` has ignored changes taken out; `leftover` is an object of ours in the way of a
    creation that no record knows; `changed_properties` are the top-level names of what changed."""

    goal: Goal
    old: Resource | None
    step: Step
    leftover: Live | None = None
    changed_properties: frozenset[str] = frozenset()


def decide(kind: Kind, goal: Goal, situation: Situation) -> Decision:
    """Decide on a Docker object.

    Raises Unsupported for what this engine cannot do, NotOwned when a foreign object has the wanted name, Conflict
    when the goal does not carry the stack's ownership label.
    """
    old = situation.old
    if old is not None and goal.ignore_changes:
        inputs = without_ignored(situation.recorded_inputs, goal.inputs, goal.ignore_changes)
        goal = replace(goal, inputs=inputs)
    check(kind, goal.inputs, goal.urn)
    _check_label(goal, situation.ownership)
    _check_owner(kind, situation)
    op, paths = _op(kind, goal, situation)
    replacement_keys = _replacing(kind, goal, situation, paths) if op == "replace" else []
    forced_keys = situation.forced_keys or ()
    kinds = {write_path(path): change(path, situation.recorded_inputs, goal.inputs) for path in paths}
    kinds |= {path: "update" for path in forced_keys if path not in kinds}
    step = Step(
        op=op,
        urn=goal.urn,
        type=goal.type,
        name=goal.name,
        diff=tuple(kinds),
        kinds=tuple(kinds.values()),
        replace_keys=tuple(dict.fromkeys([*map(write_path, replacement_keys), *forced_keys]))
        if op == "replace"
        else (),
        physical=goal.physical,
        protected=goal.protect or (old is not None and old.protect),
    )
    leftover = _leftover(kind, goal, situation) if op in ("create", "replace") else None
    return Decision(goal, old, step, leftover, frozenset(str(path[0]) for path in paths))


def _op(kind: Kind, goal: Goal, situation: Situation) -> tuple[Op, list[Path]]:
    old = situation.old
    if old is not None and situation.forced_keys is not None:
        return "replace", []
    if old is None or old.pending_replacement or _has_vanished(old, situation):
        return "create", []
    paths = diff(kind, situation.recorded_inputs, goal.inputs)
    if old.failed:
        paths.append(("initErrors",))
    half_deleted = situation.pending is not None and situation.pending.type == "deleting"
    if half_deleted or _replacing(kind, goal, situation, paths):
        return "replace", paths
    paths += _running_paths(goal, old, situation.facts)
    return ("update", paths) if paths else ("same", [])


def _replacing(kind: Kind, goal: Goal, situation: Situation, paths: list[Path]) -> list[Path]:
    """Those of the changed paths that need a replacement; files that a container takes in place do not."""
    paths_to_replace = replacement_paths(kind, paths, goal.inputs, goal.replace_on_changes)
    if (
        kind.type == CONTAINER
        and ("uploads",) in paths_to_replace
        and takes_in_place(situation.recorded_inputs, goal.inputs)
    ):
        paths_to_replace.remove(("uploads",))
    return paths_to_replace


def _has_vanished(old: Resource, situation: Situation) -> bool:
    """Whether the recorded object is gone; a job that removes itself when done is not missed."""
    if situation.facts.with_id(old.type, old.id) is not None:
        return False
    inputs = plain(situation.recorded_inputs)
    return not (inputs.get("rm") and not inputs.get("mustRun", True) and not old.failed)


def _running_paths(goal: Goal, old: Resource, facts: Facts) -> list[Path]:
    """What to change so that a container runs, or stops: nothing when it is as wanted."""
    live = facts.with_id(CONTAINER, old.id)
    if goal.type != CONTAINER or live is None or matches(("mustRun",), goal.ignore_changes):
        return []
    should_run = wants_running(plain(goal.inputs))
    if should_run is None or should_run == live.running:
        return []
    return [("mustRun",)] if should_run else [("start",)]


def _check_label(goal: Goal, ownership: tuple[str, str]) -> None:
    key, value = ownership
    if labels(goal.inputs).get(key) != value:
        raise Conflict(
            f"{goal.urn} does not carry the label {key}={value} that every object of its stack carries.",
            hint="add the label in the program",
        )


def _check_owner(kind: Kind, situation: Situation) -> None:
    """A recorded object that carries neither our label nor the recorded one was made by somebody else since."""
    old, (key, value) = situation.old, situation.ownership
    live = situation.facts.with_id(old.type, old.id) if old is not None else None
    if live is not None and live.labels.get(key) not in (value, labels(situation.recorded_inputs).get(key)):
        raise NotOwned(kind.word, live.name, live.labels.get(key))


def _leftover(kind: Kind, goal: Goal, situation: Situation) -> Live | None:
    """An object of the wanted name that is not the recorded one: ours from a run that was killed, or refused."""
    live = situation.facts.with_name(goal.type, goal.physical) if goal.physical else None
    if live is None or live.id in situation.deleted_ids:
        return None
    if situation.old is not None and live.id == situation.old.id:
        return None
    key, value = situation.ownership
    owner = live.labels.get(key)
    if owner != value:
        raise NotOwned(kind.word, live.name, owner)
    return live
