"""Making the record of a resource from what the program asked for and what the engine did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from moothall.pulumi_engine.protocol.goal import Goal
from moothall.pulumi_engine.protocol.resource_types import Kind, outputs
from moothall.pulumi_engine.protocol.values import (
    Json,
    Secret,
    Value,
    has_secret,
    plain,
    secret_texts,
    without_defaults,
)
from moothall.pulumi_engine.state.snapshot import Resource, now
from moothall.pulumi_engine.state.vault import Vault


def fresh_record(kind: Kind, goal: Goal, old: Resource | None, id_: str, vault: Vault) -> Resource:
    """The record of an object that was just made, or changed in place when `old` has the same id."""
    inputs = vault.seal(goal.inputs, old.inputs if old else None)
    reported = outputs(kind, inputs, id_)
    for name in goal.additional_secret_outputs:
        if name in reported:
            reported[name] = vault.seal(
                Secret(plain(vault.reveal(reported[name]))), (old.outputs if old else {}).get(name)
            )
    created_before = old.created if old is not None and old.id == id_ else ""
    time = now()
    return Resource(
        **options(goal, None),
        custom=True,
        id=id_,
        inputs=inputs,
        outputs=reported,
        created=created_before or time,
        modified=time,
    )


def same_record(kind: Kind | None, goal: Goal, old: Resource, vault: Vault) -> Resource:
    """The record of an object that was not touched; `old` itself when its options are unchanged too."""
    inputs: Mapping[str, Json] = old.inputs
    if has_secret(goal.inputs) and not _all_sealed(goal.inputs, vault.reveal(old.inputs)):
        inputs = vault.seal(goal.inputs, old.inputs)
    if kind is not None and (
        inputs is not old.inputs or goal.additional_secret_outputs != old.additional_secret_outputs
    ):
        return replace(fresh_record(kind, goal, old, old.id, vault), rest=old.rest)
    record = replace(old, **options(goal, old), inputs=inputs)
    return old if record == old else replace(record, modified=now())


def options(goal: Goal, old: Resource | None) -> dict[str, Any]:
    """The parts of a record that no engine has a say in; lists that only changed their order stay as they were."""
    dependencies, by_property = goal.dependencies, dict(goal.property_dependencies)
    if old is not None and set(old.dependencies) == set(dependencies):
        dependencies = old.dependencies
    if old is not None and _as_sets(old.property_dependencies) == _as_sets(by_property):
        by_property = dict(old.property_dependencies)
    return {
        "urn": goal.urn,
        "type": goal.type,
        "parent": goal.parent,
        "provider": goal.provider,
        "dependencies": dependencies,
        "property_dependencies": by_property,
        "protect": goal.protect,
        "retain_on_delete": goal.retain_on_delete,
        "additional_secret_outputs": goal.additional_secret_outputs,
        "aliases": goal.aliases,
    }


def program_outputs(kind: Kind, goal: Goal, record: Resource, vault: Vault) -> dict[str, Value]:
    """What the program gets to see of a recorded object: its own inputs as it gave them, the rest as reported."""
    reported = {name: value for name, value in record.outputs.items() if name not in goal.inputs and name[:2] != "__"}
    visible_outputs = {**vault.reveal(reported), **goal.inputs}
    for name in goal.additional_secret_outputs:
        if name in visible_outputs:
            visible_outputs[name] = Secret(plain(visible_outputs[name]))
    return visible_outputs


def recorded_inputs(old: Resource, vault: Vault) -> dict[str, Value]:
    """The inputs of a record as the program passed them, secrets in clear but marked."""
    return dict(without_defaults(vault.reveal(old.inputs)))


def _all_sealed(goal_inputs: Value, old_inputs: Value) -> bool:
    return secret_texts(goal_inputs) <= secret_texts(old_inputs)


def _as_sets(by_property: Mapping[str, list[str]]) -> dict[str, set[str]]:
    return {key: set(urns) for key, urns in by_property.items()}
