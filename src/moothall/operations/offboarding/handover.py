"""Handing a leaver's data over: freeze its tenants, or thaw them; export them, and prove the export."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from moothall import paths, private
from moothall.failures import REFUSED, OperationError
from moothall.model.outcome import PASSED, CheckResult
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.offboarding import manifest, page, proof, standalone_definitions, versions
from moothall.operations.offboarding.export import export
from moothall.operations.offboarding.leaver import Leaver, world
from moothall.operations.offboarding.manifest import Taken
from moothall.operations.offboarding.tenancy import Tenancy
from moothall.ports import Progress
from moothall.postgres import databases
from moothall.postgres.session import MAINTENANCE, SUPERUSER
from moothall.report.text.view import text_of
from moothall.validation.validate import Loaded


def freezing(context: Context, who: Leaver, *, frozen: bool, yes: bool) -> list[CheckResult]:
    """Freeze every tenancy, once that is agreed to, or thaw it; returns what was done."""
    if frozen and not yes:
        _agreed(context, who)
    with world("What is frozen stays frozen.", f"moothall decommission {who.name} --freeze"):
        return [_turned(who, tenancy, frozen=frozen) for tenancy in who.tenancies]


def exporting(context: Context, who: Leaver, loaded: Loaded, target: Path) -> list[CheckResult]:
    """Export every tenancy into a folder and prove it; returns what came of it. The folder appears when it is whole."""
    _own_or_none(target, who)
    partial = target.with_name(f".{target.name}.partial")
    begun = time.monotonic()
    with world("Nothing stands in its place: an export appears when it is whole.", "do the same again"):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700, parents=True)
        write(partial, context.progress, who, loaded)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
        detail = (
            f"{len(manifest.paths(target))} files in {target}; SHA-256 of the manifest {manifest.fingerprint(target)}"
        )
        took = round(time.monotonic() - begun, 3)
        return [
            CheckResult(f"export.{who.name}", f"{who.name} is exported", PASSED, detail, took),
            *_proved(context.progress, who, target),
        ]


def _proved(progress: Progress, who: Leaver, folder: Path) -> tuple[CheckResult, ...]:
    progress.stage("proving that the export can be restored")
    server = who.server(who.tenancies[0])
    found = proof.prove(folder, server.engine, who.tenancies[0].servers[0].image)
    proof.write(folder, found)
    return found


def write(folder: Path, progress: Progress, who: Leaver, loaded: Loaded) -> None:
    """Write every file of an export but its proof into a folder, for this user alone."""
    taken = []
    for tenancy in who.tenancies:
        progress.stage(f"exporting {tenancy.subject}")
        server = who.server(tenancy)
        frozen = databases.is_frozen(server.session(SUPERUSER, MAINTENANCE), tenancy.database)
        exported = export(server.session(SUPERUSER, tenancy.database), folder / tenancy.instance)
        taken.append(Taken(tenancy, exported, bool(frozen)))
    pins = versions.pins(paths.IMAGES)
    private.write(folder / versions.PINS, pins)
    standalone_definitions.write(folder, loaded.definitions, who.folder, who.tenancies)
    view = manifest.view(who.plan.partnership, taken, versions.versions(server, pins), versions.module_versions(pins))
    page.write(folder, view)
    manifest.write(folder, view)


def _turned(who: Leaver, tenancy: Tenancy, *, frozen: bool) -> CheckResult:
    session = who.server(tenancy).session(SUPERUSER, MAINTENANCE)
    begun = time.monotonic()
    if frozen:
        detail = f"nobody is let in; {databases.freeze(session, tenancy.database)} connections were ended"
    else:
        databases.thaw(session, tenancy.database)
        detail = "its users are let in again"
    took = round(time.monotonic() - begun, 3)
    what = "frozen" if frozen else "thawed"
    return CheckResult(f"{what}.{who.name}.{tenancy.instance}", f"{tenancy.subject} is {what}", PASSED, detail, took)


def _agreed(context: Context, who: Leaver) -> None:
    subjects = ", ".join(tenancy.subject for tenancy in who.tenancies)
    text = f"Nobody will be let in any more, until it is thawed: {subjects}.\n"
    confirm(
        context.progress,
        text_of(text),
        "Freeze? Only 'yes' goes on: ",
        refused="nobody agreed to freezing",
        state="Nothing was touched.",
        hint=f"moothall decommission {who.name} --freeze --yes",
    )


def _own_or_none(target: Path, who: Leaver) -> None:
    """Refuse a folder that holds anything but an earlier export of the same council."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    with world("Nothing was touched.", "name a folder that is not there yet"):
        if manifest.read(target)["council"]["uid"] == who.council.metadata.uid:
            return
    what = f"{target} holds the export of another council"
    raise OperationError(
        what, state="Nothing was touched.", hint="name a folder that is not there yet", exit_code=REFUSED
    )
