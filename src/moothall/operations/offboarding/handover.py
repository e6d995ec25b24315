"""Handing a leaver's data over: freeze its tenants, or thaw them; export them, and prove the export."""

from __future__ import annotations

import os
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
from moothall.operations.offboarding.folder_lock import hold_folder
from moothall.operations.offboarding.leaver import Leaver, raise_operation_errors
from moothall.operations.offboarding.manifest import TenancyExport
from moothall.operations.offboarding.tenancy import Tenancy
from moothall.operations.planning import require_built
from moothall.operations.secrets import open_vault
from moothall.ports import Progress
from moothall.postgres import databases
from moothall.report.text.view import text_of
from moothall.validation.validate import ValidationResult


def freeze_or_thaw(leaver: Leaver, *, freeze: bool) -> list[CheckResult]:
    """Freeze every tenancy, or thaw it; return the results."""
    with raise_operation_errors("What is frozen stays frozen.", f"moothall decommission {leaver.name} --freeze"):
        return [_set_frozen(leaver, tenancy, freeze=freeze) for tenancy in leaver.tenancies]


def export_and_prove(context: Context, leaver: Leaver, validation: ValidationResult, target: Path) -> list[CheckResult]:
    """Export every tenancy into a folder and prove it; return the results. The folder appears when it is whole.

    Raises OperationError, as blocked while another process works on the folder.
    """
    place = Path(os.path.realpath(target))  # what is exchanged: not a link to it, and by its name, should it be `.`
    with raise_operation_errors("Nothing was touched.", "do the same again"):
        private.folder(place.parent)
        with hold_folder(target):  # to the end of the proof, which is of what is in there
            _require_own_folder(target, leaver)
            return [
                _export(context.progress, leaver, validation, target, place),
                *_prove(context, leaver, target, place),
            ]


def _export(progress: Progress, leaver: Leaver, validation: ValidationResult, target: Path, place: Path) -> CheckResult:
    """Write the export beside its place and put it there; return the result. `target` is the place as it was typed."""
    partial_folder = place.with_name(f".{place.name}.partial")
    start_time = time.monotonic()
    with raise_operation_errors(
        "Nothing stands in its place: an export appears when it is whole.", "do the same again"
    ):
        shutil.rmtree(partial_folder, ignore_errors=True)  # of a run that was killed: nobody else is at work here
        partial_folder.mkdir(mode=0o700)
        write(partial_folder, progress, leaver, validation)
        shutil.rmtree(place, ignore_errors=True)
        partial_folder.rename(place)
        detail = (
            f"{len(manifest.paths(place))} files in {target}; SHA-256 of the manifest {manifest.fingerprint(place)}"
        )
    seconds = round(time.monotonic() - start_time, 3)
    return CheckResult(f"export.{leaver.name}", f"{leaver.name} is exported", PASSED, detail, seconds)


def _prove(context: Context, leaver: Leaver, target: Path, place: Path) -> tuple[CheckResult, ...]:
    context.progress.stage("proving that the export can be restored")
    tenancy = leaver.tenancies[0]
    with raise_operation_errors(f"{target} is whole, and not proved.", "do the same again"):
        require_built(tenancy.servers[0])
        open_vault(context, leaver.plan)  # which would say that somebody has altered what is on record of images
        results = proof.prove(place, lambda: leaver.server(tenancy).engine, tenancy.servers[0].image)
        proof.write(place, results)
    return results


def write(folder: Path, progress: Progress, leaver: Leaver, validation: ValidationResult) -> None:
    """Write every file of an export but its proof into a folder, for this user alone."""
    exports = []
    for tenancy in leaver.tenancies:
        progress.stage(f"exporting {tenancy.subject}")
        server = leaver.server(tenancy)
        was_frozen = databases.is_frozen(server.provisioning(), tenancy.database)
        database_export = export(server.tenant_session(tenancy.database), folder / tenancy.instance)
        still_frozen = databases.is_frozen(server.provisioning(), tenancy.database)
        exports.append(TenancyExport(tenancy, database_export, bool(was_frozen and still_frozen)))
    pins = versions.pins(paths.IMAGES)
    private.write(folder / versions.PINS, pins)
    standalone_definitions.write(folder, validation.definitions, leaver.folder, leaver.tenancies)
    view = manifest.view(
        leaver.plan.partnership, exports, versions.versions(server, pins), versions.module_versions(pins)
    )
    page.write(folder, view)
    manifest.write(folder, view)


def _set_frozen(leaver: Leaver, tenancy: Tenancy, *, freeze: bool) -> CheckResult:
    session = leaver.server(tenancy).provisioning()
    start_time = time.monotonic()
    if freeze:
        detail = f"nobody is let in; {databases.freeze(session, tenancy.database)} connections were ended"
    else:
        databases.thaw(session, tenancy.database)
        detail = "its users are let in again"
    seconds = round(time.monotonic() - start_time, 3)
    state = "frozen" if freeze else "thawed"
    return CheckResult(
        f"{state}.{leaver.name}.{tenancy.instance}", f"{tenancy.subject} is {state}", PASSED, detail, seconds
    )


def confirm_freeze(context: Context, leaver: Leaver) -> None:
    """Ask whether the tenancies are to be frozen. Raises OperationError when nobody agrees."""
    subjects = ", ".join(tenancy.subject for tenancy in leaver.tenancies)
    text = f"Nobody will be let in any more, until it is thawed: {subjects}.\n"
    confirm(
        context.progress,
        text_of(text),
        "Freeze? Only 'yes' goes on: ",
        refusal="nobody agreed to freezing",
        state="Nothing was touched.",
        hint=f"moothall decommission {leaver.name} --freeze --yes",
    )


def _require_own_folder(target: Path, leaver: Leaver) -> None:
    """Refuse a folder that holds anything but an earlier export of the same council."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    with raise_operation_errors("Nothing was touched.", "name a folder that is not there yet"):
        if manifest.read(target)["council"]["uid"] == leaver.council.metadata.uid:
            return
    what = f"{target} holds the export of another council"
    raise OperationError(
        what, state="Nothing was touched.", hint="name a folder that is not there yet", exit_code=REFUSED
    )
