"""Running alone from an export: its own definitions stood up where nothing is, its data loaded, everything verified."""

from __future__ import annotations

import argparse
import shutil
import time
from datetime import date
from pathlib import Path

from moothall.commands import destroy, up
from moothall.failures import USAGE, Failure
from moothall.leaving import alone, manifest
from moothall.leaving.content import content, differences
from moothall.leaving.loading import restore
from moothall.leaving.manifest import Manifest
from moothall.leaving.proof import told
from moothall.leaving.server import Server
from moothall.leaving.tenancy import servers
from moothall.model.outcome import FAILED, PASSED, Result
from moothall.model.planned import Plan
from moothall.operations import session
from moothall.operations.offboarding.leaver import world
from moothall.operations.stacks import engine_bindings
from moothall.ports import Progress
from moothall.verify import verify, wait_ready
from moothall.verify.crew import Crew

PATIENCE = 300.0
"""Seconds that a tenant has, from the moment when all of it stands, to be logged in to."""


def rehearsing(options: argparse.Namespace, progress: Progress) -> list[Result]:
    """Stand a leaver's tenants up alone, prove them, and take them down unless they are to stay.

    Needs nothing but the export: neither the partnership's definitions nor its state. Raises Failure.
    """
    folder: Path = options.rehearse
    begun = time.monotonic()
    with world("Nothing was touched.", "moothall decommission COUNCIL --export DIR  # makes a whole one"):
        found = manifest.read(folder)
    _sound(folder, found, options.leaving)
    here = _options(options, folder)
    _clear(here, progress)
    with world("Nothing stands.", f"df {here.root.parent}  # then do the same again"):
        shutil.copytree(folder / alone.FOLDER, here.root, dirs_exist_ok=True)
    results = [_loaded(here, progress, folder, found, instance) for instance in found["tenants"]]
    _up(here, progress)
    _wait(here, progress)
    results += _verified(here, progress)
    took = round(time.monotonic() - begun, 3)
    detail = (
        f"it stands: moothall credentials {options.leaving} INSTANCE --root {here.root}"
        if options.keep_standing
        else ""
    )
    if not options.keep_standing:
        _clear(here, progress)
    whole = PASSED if all(result.status != FAILED for result in results) else FAILED
    title = found["council"]["title"]
    return [*results, Result(f"alone.{options.leaving}", f"{title} ran alone from its export", whole, detail, took)]


def _options(options: argparse.Namespace, folder: Path) -> argparse.Namespace:
    """Return the options of `up` and `destroy` for the rehearsal's own root and state, beside the export."""
    root = folder.resolve().with_name(f".{folder.resolve().name}.alone")
    chosen = {"partnership": None, "council": None, "site": None, "instance": None, "as_of": date.today()}
    name = alone.partnership_name(options.leaving)
    confirmed = {**up.UNASKED, "with_data": True, "confirm": name}
    return argparse.Namespace(**{**vars(options), **chosen, **confirmed, "root": root, "state": root / ".moothall"})


def _sound(folder: Path, found: Manifest, council: str) -> None:
    if found["council"]["name"] != council:
        what = f"{folder} is the export of {found['council']['name']}, not of {council}"
        mend = f"moothall decommission {found['council']['name']} --rehearse {folder}"
        raise Failure(what, left="Nothing was touched.", mend=mend, exit_code=USAGE)
    if wrong := manifest.unlike(folder, found):
        what = f"{folder} is not as it was exported: {told(wrong)}"
        raise Failure(what, left="Nothing was touched.", mend=f"moothall decommission {council} --export {folder}")


def _clear(here: argparse.Namespace, progress: Progress) -> None:
    """Take down what stands of a rehearsal, this one or one that was killed, with its data."""
    if here.state.is_dir():
        progress.stage("taking the rehearsal down")
        answer = destroy.run(here, progress)
        _good(here, answer.exit_code, "taken down")
    shutil.rmtree(here.root, ignore_errors=True)


def _loaded(here: argparse.Namespace, progress: Progress, folder: Path, found: Manifest, instance: str) -> Result:
    """Stand an instance's server up, and load the data before anything else makes a tenant there."""
    begun = time.monotonic()
    _up(argparse.Namespace(**{**vars(here), "instance": instance}), progress)
    progress.stage(f"loading the data of {instance}")
    tenant = found["tenants"][instance]
    with world("What stands is left as it is.", "do the same again"):
        plan = session.plan_of(here)
        server = _server(here, plan, instance)
        server.wait()
        restore(server, folder / tenant["dump"], tenant["database"])
        wrong = differences(manifest.content_of(tenant), content(server, tenant["database"]))
    subject = f"{tenant['title']}: {len(tenant['tables'])} tables stand alone with the same rows"
    took = round(time.monotonic() - begun, 3)
    return Result(
        f"load.{found['council']['name']}.{instance}", subject, FAILED if wrong else PASSED, told(wrong), took
    )


def _server(here: argparse.Namespace, plan: Plan, instance: str) -> Server:
    [container] = servers(plan, instance)
    return Server(Crew(plan, engine_bindings.reach(here, plan).engines).of(container.name), container.name)


def _up(here: argparse.Namespace, progress: Progress) -> None:
    """Stand it up; who cannot log in yet is waited for afterwards."""
    answer = up.run(here, progress)
    if not answer.view.get("waiting"):
        _good(here, answer.exit_code, "stood up")


def _wait(here: argparse.Namespace, progress: Progress) -> None:
    """Wait for the logins with more patience than `up` has: all of it was made anew, maybe on a small machine."""
    plan = session.plan_of(here)
    engines = engine_bindings.reach(here, plan).engines
    results = wait_ready(plan, session.open_vault(here, plan), engines, plan.tenants, PATIENCE, progress)
    late = "; ".join(f"{result.subject}: {result.detail}" for result in results if result.status != PASSED)
    _good(here, int(bool(late)), f"logged in to ({late})")


def _verified(here: argparse.Namespace, progress: Progress) -> list[Result]:
    """Return what `verify` finds: the login through the relay, the modules, the isolation, the hardening."""
    plan = session.plan_of(here)
    found = engine_bindings.reach(here, plan)
    return [*verify(plan, session.open_vault(here, plan), found.engines, progress=progress)]


def _good(here: argparse.Namespace, code: int, what: str) -> None:
    if code:
        left = f"What stands is described in {here.root}; the next rehearsal takes it down first."
        mend = f"moothall up --root {here.root}  # shows why"
        raise Failure(f"the rehearsal could not be {what}", left=left, mend=mend)
