"""The states of stacks: taken out, put in, gone back to a sound version, made again from what stands, and listed."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moothall import json_text
from moothall.failures import FAILED, OK, USAGE, OperationError
from moothall.model.outcome import Report
from moothall.model.stackname import parts
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.planning import built_plan
from moothall.operations.secrets import open_vault
from moothall.operations.stacks import deployed, engine_bindings, remote_states, selection
from moothall.report.deployment import view as deployment
from moothall.report.repair import view as repair
from moothall.report.text.view import text_of
from moothall.report.versions import view as old_versions

if TYPE_CHECKING:
    from moothall.pulumi_engine import Backend


def export_state(backend: Backend, stack: str) -> Report:
    """Return the deployment of a stack in Pulumi's form."""
    from moothall.deploy.deployment import PROJECT
    from moothall.pulumi_engine.state.exporting import export

    return Report(deployment.KIND, deployment.view(export(backend, PROJECT, stack)))


def import_state(context: Context, backend: Backend, stack: str, file: Path | None) -> Report:
    """Make an exported deployment the state of a stack, after checks; `-` is standard input. Raises OperationError."""
    from moothall.deploy.deployment import PROJECT
    from moothall.pulumi_engine.state.repair import put

    snapshot = put(backend, PROJECT, stack, _read(file))
    remote_states.forget_stack(context, stack)
    return text_of(f"{stack} has {len(snapshot.resources)} resources now.\n")


def _read(file: Path | None) -> Mapping[str, Any]:
    if file is None:
        raise OperationError("which file?", hint="moothall state import STACK FILE", exit_code=USAGE)
    try:
        data = json_text.parse((Path("/dev/stdin") if str(file) == "-" else file).read_text())
        if not isinstance(data, dict) or not isinstance(data.get("deployment"), dict):
            raise ValueError("it has no deployment")
    except (OSError, ValueError) as error:
        raise OperationError(
            f"{file} is not an exported deployment: {error}",
            state="Nothing was changed.",
            hint="moothall state export STACK  # shows the form",
        ) from error
    return data


def repair_state(context: Context, backend: Backend, stack: str, *, yes: bool) -> Report:
    """Return what is wrong with a state, once it is back at its newest sound version. Raises OperationError without
    one."""
    from moothall.deploy.deployment import PROJECT
    from moothall.pulumi_engine.state.repair import examine, restore

    state, *others = examine(backend, PROJECT, stack)
    view = repair.view(stack, state, others)
    if not state.wrong:
        return Report(repair.KIND, view)
    source = next((candidate for candidate in others if not candidate.wrong), None)
    if source is None:
        raise OperationError(
            f"the state of {stack} cannot be used: {state.wrong}; and there is no sound version of it",
            state="Nothing was changed.",
            hint=f"moothall state repair {stack} --from-engine",
            exit_code=FAILED,
        )
    confirm(
        context.progress,
        Report(repair.KIND, view),
        f"Go back to {source.what}? Only 'yes' goes on: ",
        given_answer="yes" if yes else None,
        refusal="nobody confirmed the repair",
        state="Nothing was changed.",
        hint=f"moothall state repair {stack} --yes",
    )
    backup_path = restore(backend, PROJECT, stack, source.path)
    return Report(repair.KIND, {**view, "restored": source.what, "aside": str(backup_path) if backup_path else None})


def rebuild_state(context: Context, stack: str) -> Report:
    """Record what stands of the stack; the steps that are left are what the next `up` will make."""
    from moothall import pulumi_engine
    from moothall.deploy import deployment as deploy
    from moothall.pulumi_engine.observe.rebuilding import RebuildingEngine
    from moothall.report.changes.view import KIND, view

    context = context._replace(partnership=parts(stack).partnership)
    plan = built_plan(context)
    selection.require_stack(context, stack, [each.name for each in plan.stacks])
    vault = open_vault(context, plan)
    whole_deployment = deployed.deployment(context, plan, vault, engine_bindings.reach(context, plan))
    stack_deployment = replace(
        whole_deployment, runner=RebuildingEngine(pulumi_engine), is_selected=lambda each: each.name == stack
    )
    changes = deploy.up(stack_deployment, (), context.progress, threading.Event())
    sound = all(change.status in ("succeeded", "previewed") for change in changes)
    if sound:
        remote_states.forget_stack(context, stack)
    return Report(KIND, view(changes, [plan]), OK if sound else FAILED)


def list_versions(backend: Backend, names: Iterable[str], keep: int | None) -> Report:
    """Return the old versions of the states of these stacks; all but the newest `keep` are deleted first, if said."""
    from moothall.deploy.deployment import PROJECT
    from moothall.pulumi_engine.state.history import prune, versions

    versions_by_stack = {}
    for name in names:
        if keep is not None:
            prune(backend, PROJECT, name, max(keep, 0))
        versions_by_stack[name] = versions(backend, PROJECT, name)
    return Report(old_versions.KIND, old_versions.view(versions_by_stack))
