"""List what changes by itself in the days to come, and what is overdue."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from moothall.commands.arguments import value
from moothall.model.outcome import Report
from moothall.model.uses import Uses
from moothall.operations.context import Context
from moothall.operations.definitions import check_name, chosen_folders
from moothall.report.calendar.view import answer
from moothall.resolve.calendar import calendar

HELP = "List what changes in the next days by the dates in the definitions, what is due by then, and what is overdue."
USES = Uses(("partnership", "council"), sound=True)


@dataclass(frozen=True)
class Options:
    """How many days to look ahead."""

    days: int


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add how far to look ahead."""
    parser.add_argument(
        "--days", metavar="N", type=value(_days), default=90, help="how far to look ahead, 90 if left out"
    )


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(days=namespace.days)


def run(options: Options, context: Context) -> Report:
    """Return the calendar, of one council if it is chosen; raises OperationError for one that is not there."""
    from moothall.operations.drill.schedule import last_drill_dates

    folders = chosen_folders(context)
    check_name("council", context.council, [council.metadata.name for folder in folders for council in folder.councils])
    drills = last_drill_dates(context.root)
    events = [
        (folder.partnership.metadata.name, event)
        for folder in folders
        for event in calendar(folder, context.as_of, options.days, drills)
        if context.council in (None, event.council)
    ]
    return answer(context.as_of, options.days, sorted(events, key=lambda entry: (entry[1].day, entry[0])))


def _days(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 36500:
        raise ValueError(f"{text!r} is not a number of days, 1 to 36500")
    return int(text)
