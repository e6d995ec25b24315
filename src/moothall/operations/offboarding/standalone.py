"""Running alone from an export: its own definitions stood up where nothing is, its data loaded, everything verified."""

from __future__ import annotations

import shutil
import time
from datetime import date
from pathlib import Path

from moothall.docker_engine.pool import EnginePool
from moothall.failures import USAGE, OperationError
from moothall.language.migration import lift_below
from moothall.model.outcome import FAILED, PASSED, CheckResult
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.offboarding import manifest, standalone_definitions
from moothall.operations.offboarding.leaver import world
from moothall.operations.offboarding.loading import restore
from moothall.operations.offboarding.manifest import Manifest
from moothall.operations.offboarding.proof import told
from moothall.operations.offboarding.tenancy import servers
from moothall.operations.planning import chosen_plan
from moothall.operations.secrets import open_vault
from moothall.operations.stacks import engine_bindings
from moothall.operations.stacks.apply import ApplyOptions, apply
from moothall.operations.stacks.destroy import DestroyOptions, destroy
from moothall.postgres.content import content, differences
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import SUPERUSER
from moothall.verify import verify, wait_ready

PATIENCE = 300.0
"""Seconds that a tenant has, from the moment when all of it stands, to be logged in to."""


def rehearsing(context: Context, council: str, folder: Path, *, keep_standing: bool) -> list[CheckResult]:
    """Stand a leaver's tenants up alone, prove them, and take them down unless they are to stay.

    Needs nothing but the export: neither the partnership's definitions nor its state. Raises OperationError.
    """
    begun = time.monotonic()
    with world("Nothing was touched.", "moothall decommission COUNCIL --export DIR  # makes a whole one"):
        found = manifest.read(folder)
    _sound(folder, found, council)
    here = _alone(context, folder)
    _clear(here, council)
    with world("Nothing stands.", f"df {here.root.parent}  # then do the same again"):
        shutil.copytree(folder / standalone_definitions.FOLDER, here.root, dirs_exist_ok=True)
        lift_below(here.root)  # an export may be older than this version of the language
    results = [_loaded(here, folder, found, instance) for instance in found["tenants"]]
    _up(here)
    _wait(here)
    results += _verified(here)
    took = round(time.monotonic() - begun, 3)
    detail = f"it stands: moothall credentials {council} INSTANCE --root {here.root}" if keep_standing else ""
    if not keep_standing:
        _clear(here, council)
    whole = PASSED if all(result.status != FAILED for result in results) else FAILED
    title = found["council"]["title"]
    return [*results, CheckResult(f"alone.{council}", f"{title} ran alone from its export", whole, detail, took)]


def _alone(context: Context, folder: Path) -> Context:
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
        typed=context.typed,
    )


def _sound(folder: Path, found: Manifest, council: str) -> None:
    if found["council"]["name"] != council:
        what = f"{folder} is the export of {found['council']['name']}, not of {council}"
        hint = f"moothall decommission {found['council']['name']} --rehearse {folder}"
        raise OperationError(what, state="Nothing was touched.", hint=hint, exit_code=USAGE)
    if wrong := manifest.unlike(folder, found):
        what = f"{folder} is not as it was exported: {told(wrong)}"
        raise OperationError(
            what, state="Nothing was touched.", hint=f"moothall decommission {council} --export {folder}"
        )


def _clear(here: Context, council: str) -> None:
    """Take down what stands of a rehearsal, this one or one that was killed, with its data."""
    if here.state.is_dir():
        here.progress.stage("taking the rehearsal down")
        name = standalone_definitions.partnership_name(council)
        answer = destroy(here, DestroyOptions(with_data=True, confirm=name))
        _good(here, answer.exit_code, "taken down")
    shutil.rmtree(here.root, ignore_errors=True)


def _loaded(here: Context, folder: Path, found: Manifest, instance: str) -> CheckResult:
    """Stand an instance's server up, and load the data before anything else makes a tenant there."""
    begun = time.monotonic()
    _up(here._replace(instance=instance))
    here.progress.stage(f"loading the data of {instance}")
    tenant = found["tenants"][instance]
    with world("What stands is left as it is.", "do the same again"):
        plan = chosen_plan(here)
        server = _server(here, plan, instance)
        server.wait()
        restore(server, folder / tenant["dump"], tenant["database"])
        wrong = differences(manifest.content_of(tenant), content(server.session(SUPERUSER, tenant["database"])))
    subject = f"{tenant['title']}: {len(tenant['tables'])} tables stand alone with the same rows"
    took = round(time.monotonic() - begun, 3)
    return CheckResult(
        f"load.{found['council']['name']}.{instance}", subject, FAILED if wrong else PASSED, told(wrong), took
    )


def _server(here: Context, plan: Plan, instance: str) -> DatabaseServer:
    [container] = servers(plan, instance)
    return DatabaseServer(
        EnginePool(plan, engine_bindings.reach(here, plan).engines).of(container.name), container.name
    )


def _up(here: Context) -> None:
    """Stand it up; who cannot log in yet is waited for afterwards."""
    changes, code = apply(here, ApplyOptions())
    if not changes["waiting"]:
        _good(here, code, "stood up")


def _wait(here: Context) -> None:
    """Wait for the logins with more patience than `up` has: all of it was recreated, maybe on a small machine."""
    plan = chosen_plan(here)
    engines = engine_bindings.reach(here, plan).engines
    results = wait_ready(plan, open_vault(here, plan), engines, plan.tenants, PATIENCE, here.progress)
    late = "; ".join(f"{result.subject}: {result.detail}" for result in results if result.status != PASSED)
    _good(here, int(bool(late)), f"logged in to ({late})")


def _verified(here: Context) -> list[CheckResult]:
    """Return what `verify` finds: the login through the relay, the modules, the isolation, the hardening."""
    plan = chosen_plan(here)
    found = engine_bindings.reach(here, plan)
    return [*verify(plan, open_vault(here, plan), found.engines, progress=here.progress)]


def _good(here: Context, code: int, what: str) -> None:
    if code:
        left = f"What stands is described in {here.root}; the next rehearsal takes it down first."
        hint = f"moothall up --root {here.root}  # shows why"
        raise OperationError(f"the rehearsal could not be {what}", state=left, hint=hint)
