"""Removing what is left of a council's data, when it has left, its time is over and its export is proved."""

from __future__ import annotations

from pathlib import Path

from moothall.failures import REFUSED, OperationError
from moothall.model.outcome import PASSED, CheckResult
from moothall.model.stackname import parts
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.offboarding.leaver import Leaver, world
from moothall.operations.offboarding.removal import kept_until, remove, unexported, unproved
from moothall.operations.offboarding.tenancy import Tenancy
from moothall.operations.stacks import deployed
from moothall.report.text.view import text_of


def removing(context: Context, who: Leaver, export: Path, confirmed: str | None) -> list[CheckResult]:
    """Remove a council's databases and roles, which are in the `export` in a folder; returns what was done.

    Raises OperationError (refused) before its data may go, while it stands, and without a proved export of exactly this
    data.
    """
    _allowed(context, who)
    hint = f"moothall decommission {who.name} --remove {export} --confirm {who.name}"
    with world("What is not removed yet is as it was.", hint):
        reason = unproved(export, who.council)
        for tenancy in () if reason else who.tenancies:
            reason = reason or unexported(export, who.server(tenancy), tenancy)
        if reason:
            _refuse(who, reason, f"moothall decommission {who.name} --freeze --export DIR")
        _confirm(context, who, export, confirmed)
        return [_removed(who, tenancy) for tenancy in who.tenancies]


def _allowed(context: Context, who: Leaver) -> None:
    kept = kept_until(who.folder, who.council)
    if kept is None:
        _refuse(who, f"{who.name} does not leave", f"moothall decommission {who.name} --from DATE")
    elif context.as_of < kept:
        days = f"moothall calendar --partnership {who.plan.partnership} --days {(kept - context.as_of).days + 1}"
        _refuse(who, f"the data of {who.name} is kept until {kept}", days)
    there = [stack for stack in deployed.standing(context, who.plan) if parts(stack).unit == who.name]
    if there:
        _refuse(who, f"{who.name} still stands: {', '.join(there)}", "moothall up")


def _refuse(who: Leaver, what: str, hint: str) -> None:
    raise OperationError(what, state=f"No data of {who.name} was removed.", hint=hint, exit_code=REFUSED)


def _confirm(context: Context, who: Leaver, export: Path, confirmed: str | None) -> None:
    subjects = ", ".join(tenancy.subject for tenancy in who.tenancies)
    confirm(
        context.progress,
        text_of(f"What goes for ever: the data of {subjects}.\n"),
        f"Type {who.name} to go on: ",
        wanted=who.name,
        given=confirmed,
        refused="removing was not confirmed",
        state=f"No data of {who.name} was removed.",
        hint=f"moothall decommission {who.name} --remove {export} --confirm {who.name}",
    )


def _removed(who: Leaver, tenancy: Tenancy) -> CheckResult:
    there = remove(who.server(tenancy), tenancy.database)
    detail = "backups hold it until they expire" if there else "it was gone already"
    return CheckResult(
        f"removed.{who.name}.{tenancy.instance}", f"{tenancy.subject}: its data is removed", PASSED, detail
    )
