"""A council leaves: its day is written down, it is frozen, its data is handed over, it runs alone, it is removed."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from moothall.commands.arguments import add_edit, value
from moothall.failures import USAGE, OperationError
from moothall.model.outcome import CheckResult, Report
from moothall.model.uses import ENGINES, PULUMI, Uses
from moothall.operations.context import Context
from moothall.operations.definitions import valid_definitions
from moothall.operations.files import edit_transaction
from moothall.operations.offboarding import leave_date
from moothall.operations.offboarding.leave_date import LeaveDateOptions
from moothall.report.renderers import require
from moothall.report.results import view as results
from moothall.settings.day import day

HELP = (
    "Carry a council out, step by step: --from writes into its file that it leaves on a day; --freeze lets nobody in "
    "any more; --export hands its data over, with the proof that it can be restored; --rehearse runs it alone from "
    "that export; --remove takes its data away when it has left. Each step may be done again."
)
USES = Uses(("partnership", "instance", *ENGINES, *PULUMI), formats=("text", "json", "junit"), sound=True)


@dataclass(frozen=True)
class Options:
    """Who leaves, the day and the steps, each folder where it is one's, and how they are agreed to."""

    council: str
    leaves: date | None
    notice_given: date | None
    freeze: bool
    thaw: bool
    export: Path | None
    rehearse: Path | None
    keep_standing: bool
    remove: Path | None
    confirm: str | None
    yes: bool
    dry_run: bool
    format: str


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add who leaves, and the steps."""
    parser.add_argument("leaving", metavar="COUNCIL", help="who leaves")
    parser.add_argument(
        "--from", metavar="DATE", dest="leaves", type=value(day), help="the first day on which it is gone"
    )
    parser.add_argument(
        "--notice-given",
        metavar="DATE",
        type=value(day),
        help="the day of its notice; the day of --as-of if terms ask for one",
    )
    doors = parser.add_mutually_exclusive_group()
    doors.add_argument("--freeze", action="store_true", help="let nobody in any more, so that nothing is written")
    doors.add_argument("--thaw", action="store_true", help="let its users in again")
    parser.add_argument("--export", metavar="DIR", type=Path, help="write all its data there, and prove the export")
    parser.add_argument(
        "--rehearse", metavar="DIR", type=Path, help="run it alone from the export in there, and verify"
    )
    parser.add_argument("--keep-standing", action="store_true", help="let what was rehearsed stand")
    parser.add_argument(
        "--remove", metavar="DIR", type=Path, help="remove its data, which is all in the export in there"
    )
    parser.add_argument("--confirm", metavar="COUNCIL", help="the council's name, to confirm --remove")
    add_edit(parser)


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(
        council=namespace.leaving,
        leaves=namespace.leaves,
        notice_given=namespace.notice_given,
        freeze=namespace.freeze,
        thaw=namespace.thaw,
        export=namespace.export,
        rehearse=namespace.rehearse,
        keep_standing=namespace.keep_standing,
        remove=namespace.remove,
        confirm=namespace.confirm,
        yes=namespace.yes,
        dry_run=namespace.dry_run,
        format=namespace.format,
    )


def run(options: Options, context: Context) -> Report:
    """Do the steps that are asked for, in the order of leaving.

    Raises OperationError for a council that is not there, InvalidDefinitions with the findings where definitions would
    be invalid.
    """
    steps = [options.freeze, options.thaw, options.export, options.remove, options.rehearse]
    if bool(options.leaves) == any(steps):
        message = "say one of --from DATE and what is to be done with the data"
        raise OperationError(message, hint="moothall decommission --help", exit_code=USAGE)
    if options.leaves:
        require("edit", options.format)
        if context.instance:
            raise OperationError(
                "a council leaves all instances",
                state="Nothing was written.",
                hint="leave out --instance, or write `until` below the use",
                exit_code=USAGE,
            )
        with edit_transaction.definitions_lock(context, writes=not options.dry_run):
            return _write_leave_date(context, options, options.leaves)
    check_results = _partnership_steps(options, context) if any(steps[:4]) else []
    if options.rehearse:
        from moothall.operations.offboarding.standalone import rehearse

        check_results += rehearse(context, options.council, options.rehearse, keep_standing=options.keep_standing)
    return results.answer(check_results)


def _write_leave_date(context: Context, options: Options, leaves: date) -> Report:
    from moothall.operations.offboarding.leaver import find

    validation = valid_definitions(context)
    folder, council = find(context, options.council, validation.definitions.folders, leaves)
    leave_options = LeaveDateOptions(leaves, options.notice_given, options.yes, options.dry_run)
    return leave_date.write(context, leave_options, validation, folder, council)


def _partnership_steps(options: Options, context: Context) -> list[CheckResult]:
    """Do the steps that need the partnership's definitions: a leaver may rehearse where there are none."""
    from moothall.operations.offboarding.leaver import find, leaver
    from moothall.operations.offboarding.steps import StepOptions, carry_out

    validation = valid_definitions(context)
    departing_council = leaver(context, *find(context, options.council, validation.definitions.folders))
    step_options = StepOptions(
        options.freeze, options.thaw, options.export, options.remove, options.confirm, options.yes
    )
    return carry_out(context, departing_council, validation, step_options)
