"""Show who came from where, and what administrators did, from the place where logs are gathered."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from moothall.commands.arguments import value
from moothall.model.outcome import Report
from moothall.model.units import seconds
from moothall.model.uses import ENGINES, Uses
from moothall.operations.context import Context
from moothall.operations.planning import chosen_plan
from moothall.operations.stacks.trail import gathered
from moothall.report.trail.view import answer

HELP = (
    "Show who came from where, as whom, and what administrators did: of one council, or of all, from the store of "
    "logs, whose chain is checked meanwhile."
)
USES = Uses(("partnership", *ENGINES), sound=True)
MOST = 1000
LATEST = "9"
"""Later than every time."""
_AGO = re.compile(r"[1-9][0-9]{0,7}[smhd]")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Options:
    """Whose lines, from when to when (ISO 8601, to the second, UTC), and how many at most, the newest."""

    council: str | None
    since: str
    until: str
    most: int


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add whose lines, and of which time."""
    parser.add_argument("of_council", nargs="?", metavar="COUNCIL", help="whose lines, everybody's if left out")
    when = "a day, a time (UTC, 2026-06-01T12:00:00Z), or how long ago (12h)"
    parser.add_argument("--since", metavar="WHEN", type=value(_since), default="1d", help=f"{when}; 1d if left out")
    parser.add_argument("--until", metavar="WHEN", type=value(_until), help=f"{when}; now if left out")
    parser.add_argument(
        "--most", metavar="N", type=value(_most), default=MOST, help=f"how many lines at most, {MOST} if left out"
    )


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(namespace.of_council, namespace.since, namespace.until or LATEST, namespace.most)


def run(options: Options, context: Context) -> Report:
    """Return the lines; the exit code is not 0 when the chain is not what it was, or is broken.

    Raises OperationError when logs are gathered nowhere or the store does not answer, or for a council without tenants.
    """
    plan = chosen_plan(context)
    reply, problems = gathered(context, plan, options.council, options.since, options.until, options.most)
    return answer(plan, options.council, options.since, reply, problems)


def _since(text: str) -> str:
    return _moment(text, "T00:00:00Z")


def _until(text: str) -> str:
    return _moment(text, "T23:59:59Z")


def _moment(text: str, of_day: str) -> str:
    if _AGO.fullmatch(text):
        return (datetime.now(UTC) - timedelta(seconds=seconds(text))).strftime(_TIME)
    try:
        return datetime.strptime(text if "T" in text else text + of_day, _TIME).strftime(_TIME)
    except ValueError:
        raise ValueError(f"{text!r} is no day, no time like 2026-06-01T12:00:00Z, and no duration like 12h") from None


def _most(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= 10_000:
        raise ValueError(f"{text!r} is not a number of lines, 1 to 10000")
    return int(text)
