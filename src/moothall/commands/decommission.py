"""A council leaves: its day is written down, it is frozen, its data is handed over, it runs alone, it is removed."""

from __future__ import annotations

import argparse
from pathlib import Path

from moothall.failures import USAGE, Failure
from moothall.model.outcome import Answer, Result
from moothall.model.uses import ENGINES, PULUMI, Uses
from moothall.operations import session
from moothall.operations.files import edit_transaction
from moothall.operations.offboarding import leave_date
from moothall.ports import Progress
from moothall.report import results
from moothall.report.renderers import require
from moothall.settings.day import day

HELP = (
    "Carry a council out, step by step: --from writes into its file that it leaves on a day; --freeze lets nobody in "
    "any more; --export hands its data over, with the proof that it can be restored; --rehearse runs it alone from "
    "that export; --remove takes its data away when it has left. Each step may be done again."
)
USES = Uses(("partnership", "instance", *ENGINES, *PULUMI), formats=("text", "json", "junit"), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add who leaves, and the steps."""
    parser.add_argument("leaving", metavar="COUNCIL", help="who leaves")
    parser.add_argument("--from", metavar="DATE", dest="leaves", type=day, help="the first day on which it is gone")
    parser.add_argument(
        "--notice-given",
        metavar="DATE",
        type=day,
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
    edit_transaction.arguments(parser)


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Do the steps that are asked for, in the order of leaving.

    Raises Failure for a council that is not there, Stopped with the findings where definitions would be invalid.
    """
    steps = [options.freeze, options.thaw, options.export, options.remove, options.rehearse]
    if bool(options.leaves) == any(steps):
        what = "say one of --from DATE and what is to be done with the data"
        raise Failure(what, mend="moothall decommission --help", exit_code=USAGE)
    if options.leaves:
        require("edit", options.format)
        if options.instance:
            raise Failure(
                "a council leaves all instances",
                left="Nothing was written.",
                mend="leave out --instance, or write `until` below the use",
                exit_code=USAGE,
            )
        with edit_transaction.alone(options, progress, writes=not options.dry_run):
            return _departing(options, progress)
    found = _with_the_partnership(options, progress) if any(steps[:4]) else []
    if options.rehearse:
        from moothall.operations.offboarding.standalone import rehearsing

        found += rehearsing(options, progress)
    return results.answer(found)


def _departing(options: argparse.Namespace, progress: Progress) -> Answer:
    from moothall.operations.offboarding.leaver import find

    loaded = session.sound(options)
    folder, council = find(options, loaded.definitions.folders)
    return leave_date.write(options, progress, loaded, folder, council)


def _with_the_partnership(options: argparse.Namespace, progress: Progress) -> list[Result]:
    """Do the steps that need the partnership's definitions: a leaver may rehearse where there are none."""
    from moothall.operations.offboarding.handover import exporting, freezing
    from moothall.operations.offboarding.leaver import find, leaver

    loaded = session.sound(options)
    who = leaver(options, *find(options, loaded.definitions.folders))
    found = freezing(options, progress, who) if options.freeze or options.thaw else []
    if options.export:
        found += exporting(options, progress, who, loaded)
    if options.remove:
        from moothall.operations.offboarding.purge import removing

        found += removing(options, progress, who)
    return found
