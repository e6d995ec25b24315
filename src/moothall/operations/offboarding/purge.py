"""Removing what is left of a council's data, when it has left, its time is over and its export is proved."""

from __future__ import annotations

from pathlib import Path

from moothall.failures import REFUSED, OperationError
from moothall.model.outcome import PASSED, CheckResult
from moothall.model.stackname import parts
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.offboarding.leaver import Leaver, raise_operation_errors
from moothall.operations.offboarding.removal import reason_unexported, reason_unproved, remove, retention_end
from moothall.operations.offboarding.tenancy import Tenancy
from moothall.operations.stacks import deployed
from moothall.report.text.view import text_of


def remove_data(context: Context, leaver: Leaver, export: Path, confirmed_name: str | None) -> list[CheckResult]:
    """Remove a council's databases and roles, which are in the `export` in a folder; return the results.

    Raises OperationError (refused) before its data may go, while it stands, and without a proved export of exactly this
    data.
    """
    _require_removable(context, leaver)
    hint = f"moothall decommission {leaver.name} --remove {export} --confirm {leaver.name}"
    with raise_operation_errors("What is not removed yet is as it was.", hint):
        reason = reason_unproved(export, leaver.council)
        for tenancy in () if reason else leaver.tenancies:
            reason = reason or reason_unexported(export, leaver.server(tenancy), tenancy)
        if reason:
            _refuse(leaver, reason, f"moothall decommission {leaver.name} --freeze --export DIR")
        _confirm(context, leaver, export, confirmed_name)
        return [_remove_tenancy(leaver, tenancy) for tenancy in leaver.tenancies]


def _require_removable(context: Context, leaver: Leaver) -> None:
    kept_until = retention_end(leaver.folder, leaver.council)
    if kept_until is None:
        _refuse(leaver, f"{leaver.name} does not leave", f"moothall decommission {leaver.name} --from DATE")
    elif context.as_of < kept_until:
        days = (
            f"moothall calendar --partnership {leaver.plan.partnership} --days {(kept_until - context.as_of).days + 1}"
        )
        _refuse(leaver, f"the data of {leaver.name} is kept until {kept_until}", days)
    standing_stacks = [
        stack for stack in deployed.standing_stacks(context, leaver.plan) if parts(stack).unit == leaver.name
    ]
    if standing_stacks:
        _refuse(leaver, f"{leaver.name} still stands: {', '.join(standing_stacks)}", "moothall up")


def _refuse(leaver: Leaver, what: str, hint: str) -> None:
    raise OperationError(what, state=f"No data of {leaver.name} was removed.", hint=hint, exit_code=REFUSED)


def _confirm(context: Context, leaver: Leaver, export: Path, confirmed_name: str | None) -> None:
    subjects = ", ".join(tenancy.subject for tenancy in leaver.tenancies)
    confirm(
        context.progress,
        text_of(f"What goes for ever: the data of {subjects}.\n"),
        f"Type {leaver.name} to go on: ",
        expected=leaver.name,
        given_answer=confirmed_name,
        refusal="removing was not confirmed",
        state=f"No data of {leaver.name} was removed.",
        hint=f"moothall decommission {leaver.name} --remove {export} --confirm {leaver.name}",
    )


def _remove_tenancy(leaver: Leaver, tenancy: Tenancy) -> CheckResult:
    had_database = remove(leaver.server(tenancy), tenancy.database)
    detail = "backups hold it until they expire" if had_database else "it was gone already"
    return CheckResult(
        f"removed.{leaver.name}.{tenancy.instance}", f"{tenancy.subject}: its data is removed", PASSED, detail
    )
