"""Running alone from an export: its own definitions stood up where nothing is, its data loaded, everything verified."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from moothall.docker_engine.pool import EnginePool
from moothall.failures import USAGE, OperationError
from moothall.language.migration import lift_below
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.not_done import not_done
from moothall.operations.offboarding import manifest, standalone_definitions
from moothall.operations.offboarding.folder_lock import hold_folder
from moothall.operations.offboarding.leaver import raise_operation_errors
from moothall.operations.offboarding.loading import restore
from moothall.operations.offboarding.manifest import Manifest
from moothall.operations.offboarding.proof import describe_deviations
from moothall.operations.offboarding.tenancy import servers
from moothall.operations.planning import built_plan
from moothall.operations.secrets import open_vault
from moothall.operations.stacks import engine_bindings
from moothall.operations.stacks.apply import ApplyOptions, apply
from moothall.operations.stacks.destroy import DestroyOptions, destroy
from moothall.postgres.content import content, differences
from moothall.postgres.server import DatabaseServer
from moothall.verify import verify, wait_ready

if TYPE_CHECKING:
    from moothall.report.changes.view import ChangesView, StackChangeView

PATIENCE = 300.0
"""Seconds that a tenant has, from the moment when all of it stands, to be logged in to."""


def rehearse(context: Context, council: str, folder: Path, *, keep_standing: bool) -> list[CheckResult]:
    """Stand a leaver's tenants up alone, prove them, and take them down unless they are to stay.

    Needs nothing but the export: neither the partnership's definitions nor its state. Raises OperationError.
    """
    with ExitStack() as held:
        with raise_operation_errors(
            "Nothing was touched.", "moothall decommission COUNCIL --export DIR  # makes a whole one"
        ):
            manifest.read(folder)  # before a lock is written beside what is no export
            held.enter_context(hold_folder(folder))  # against another rehearsal, which would take this one down
            export_manifest = manifest.read(folder)  # what an export that has just ended has put there
        return _rehearse_held(context, council, folder, export_manifest, keep_standing=keep_standing)


def _rehearse_held(
    context: Context, council: str, folder: Path, export_manifest: Manifest, *, keep_standing: bool
) -> list[CheckResult]:
    """Rehearse from a folder that is held."""
    start_time = time.monotonic()
    _require_sound_export(folder, export_manifest, council)
    rehearsal = _rehearsal_context(context, folder)
    _take_down(rehearsal, council)
    with raise_operation_errors("Nothing stands.", f"df {rehearsal.root.parent}  # then do the same again"):
        # Nothing else: what an export comes from may have put a state beside them, or engines of its own.
        definitions = Path("partnerships", standalone_definitions.partnership_name(council))
        shutil.copytree(folder / standalone_definitions.FOLDER / definitions, rehearsal.root / definitions)
        lift_below(rehearsal.root)  # an export may be older than this version of the language
    results = [_load_instance(rehearsal, folder, export_manifest, instance) for instance in export_manifest["tenants"]]
    _stand_up(rehearsal)
    _wait_for_logins(rehearsal)
    results += _verify(rehearsal)
    seconds = round(time.monotonic() - start_time, 3)
    detail = f"it stands: moothall credentials {council} INSTANCE --root {rehearsal.root}" if keep_standing else ""
    title = export_manifest["council"]["title"]
    results.append(
        CheckResult(f"alone.{council}", f"{title} ran alone from its export", _outcome(results), detail, seconds)
    )
    return results if keep_standing else [*results, *_uncleared(rehearsal, council)]


def _uncleared(rehearsal: Context, council: str) -> list[CheckResult]:
    """Take the rehearsal down; return a result where that could not be done: what was seen before stays seen."""
    try:
        _take_down(rehearsal, council)
    except OperationError as failure:
        return [not_done(f"cleared.{council}", "What stood for the rehearsal is taken down", failure)]
    return []


def _outcome(results: Sequence[CheckResult]) -> str:
    """Return what the results come to: what could not be looked at is no proof that it ran."""
    statuses = {result.status for result in results}
    return next((status for status in (FAILED, COULD_NOT_RUN) if status in statuses), PASSED)


def _rehearsal_context(context: Context, folder: Path) -> Context:
    """Return the context of the rehearsal: its own root and state, beside the export, all of it, today."""
    root = folder.resolve().with_name(f".{folder.resolve().name}.alone")
    return Context(
        root,
        root / ".moothall",
        date.today(),
        context.progress,
        engines_file=context.engines_file,
        engine=context.engine,
        backend=context.backend,
        command_words=context.command_words,
    )


def _require_sound_export(folder: Path, export_manifest: Manifest, council: str) -> None:
    if export_manifest["council"]["name"] != council:
        what = f"{folder} is the export of {export_manifest['council']['name']}, not of {council}"
        hint = f"moothall decommission {export_manifest['council']['name']} --rehearse {folder}"
        raise OperationError(what, state="Nothing was touched.", hint=hint, exit_code=USAGE)
    if deviations := manifest.find_deviations(folder, export_manifest):
        what = f"{folder} is not as it was exported: {describe_deviations(deviations)}"
        raise OperationError(
            what, state="Nothing was touched.", hint=f"moothall decommission {council} --export {folder}"
        )


def _take_down(rehearsal: Context, council: str) -> None:
    """Take down what stands of a rehearsal, this one or one that was killed, with its data."""
    if rehearsal.state.is_dir():
        rehearsal.progress.stage("taking the rehearsal down")
        name = standalone_definitions.partnership_name(council)
        answer = destroy(rehearsal, DestroyOptions(with_data=True, confirm=name))
        _require_success(rehearsal, answer.exit_code, "taken down", cast("ChangesView", answer.view)["stacks"])
        shutil.rmtree(rehearsal.state, ignore_errors=True)  # first: without definitions nobody could take it down
    shutil.rmtree(rehearsal.root, ignore_errors=True)


def _load_instance(rehearsal: Context, folder: Path, export_manifest: Manifest, instance: str) -> CheckResult:
    """Stand an instance's server up, and load the data before anything else makes a tenant there."""
    start_time = time.monotonic()
    _stand_up(rehearsal._replace(instance=instance))
    rehearsal.progress.stage(f"loading the data of {instance}")
    tenant = export_manifest["tenants"][instance]
    with raise_operation_errors("What stands is left as it is.", "do the same again"):
        plan = built_plan(rehearsal)
        server = _server(rehearsal, plan, instance)
        server.wait()
        restore(server, folder / tenant["dump"], tenant["database"])
        deviations = differences(manifest.content_of(tenant), content(server.tenant_session(tenant["database"])))
    subject = f"{tenant['title']}: {len(tenant['tables'])} tables stand alone with the same rows"
    seconds = round(time.monotonic() - start_time, 3)
    return CheckResult(
        f"load.{export_manifest['council']['name']}.{instance}",
        subject,
        FAILED if deviations else PASSED,
        describe_deviations(deviations),
        seconds,
    )


def _server(rehearsal: Context, plan: Plan, instance: str) -> DatabaseServer:
    [container] = servers(plan, instance)
    return DatabaseServer(
        EnginePool(plan, engine_bindings.reach(rehearsal, plan).engines).of(container.name), container.name
    )


def _stand_up(rehearsal: Context) -> None:
    """Stand it up; tenants that cannot log in yet are waited for afterwards."""
    changes, code = apply(rehearsal, ApplyOptions())
    if not changes["waiting"]:
        _require_success(rehearsal, code, "stood up", changes["stacks"])


def _wait_for_logins(rehearsal: Context) -> None:
    """Wait for the logins with more patience than `up` has: all of it was recreated, maybe on a small machine."""
    plan = built_plan(rehearsal)
    engines = engine_bindings.reach(rehearsal, plan).engines
    results = wait_ready(plan, open_vault(rehearsal, plan), engines, plan.tenants, PATIENCE, rehearsal.progress)
    failures = "; ".join(f"{result.subject}: {result.detail}" for result in results if result.status != PASSED)
    _require_success(rehearsal, int(bool(failures)), f"logged in to ({failures})")


def _verify(rehearsal: Context) -> list[CheckResult]:
    """Return the results of `verify`: the login through the relay, the modules, the isolation, the hardening."""
    plan = built_plan(rehearsal)
    reach = engine_bindings.reach(rehearsal, plan)
    return [*verify(plan, open_vault(rehearsal, plan), reach.engines, progress=rehearsal.progress)]


def _require_success(rehearsal: Context, code: int, deed: str, stacks: Sequence[StackChangeView] = ()) -> None:
    """Raise OperationError unless the code is 0, with the reason and the command of the first stack that has one."""
    if code:
        state = f"What stands is described in {rehearsal.root}; the next rehearsal takes it down first."
        reason, hint = next(_troubles(rehearsal, stacks), ("", f"moothall up --root {rehearsal.root}  # shows why"))
        what = f"the rehearsal could not be {deed}{reason and f': {reason}'}"
        raise OperationError(what, state=state, hint=hint, exit_code=code)


def _troubles(rehearsal: Context, stacks: Sequence[StackChangeView]) -> Iterator[tuple[str, str]]:
    """Yield for each stack that could not be done by itself the reason, and the command that leads further."""
    for stack in stacks:
        reasons = [failure["message"] for failure in stack["failures"]] or [stack["reason"]]
        if stack["hint"] and reasons[0]:  # one that only needs another has none
            hints = {
                "locked": stack["hint"].replace("moothall unlock", f"moothall unlock --root {rehearsal.root}"),
                "could-not-run": stack["hint"],
            }
            # Others are for who goes on with `up`; a rehearsal begins anew.
            yield f"{stack['stack']}: {reasons[0]}", hints.get(stack["status"], rehearsal.repeated_command())
