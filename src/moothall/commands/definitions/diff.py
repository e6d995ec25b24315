"""Show what a change of the definitions does, from two git revisions alone."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date

from moothall.commands.arguments import add_revisions
from moothall.failures import CHANGES, OK, REFUSED
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, SELECTION, Uses
from moothall.operations.context import Context
from moothall.operations.review.compare import review

HELP = (
    "Show what changes between two revisions of the definitions: what is created, restarted, replaced or lost, "
    "for whom, because of which lines, and who has to agree. Needs git, and neither an engine nor a key."
)
USES = Uses((*SELECTION, *ENGINES), formats=("text", "json", "markdown"), sound=True)


@dataclass(frozen=True)
class Options:
    """Which revisions are compared, the day of the base, and whether changes show in the exit code."""

    revisions: str | None
    base_as_of: date | None
    detailed: bool


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the revisions, and the option that tells changes by the exit code."""
    add_revisions(parser, "BASE[..HEAD]")
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit 2 when there are changes")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(revisions=namespace.revisions, base_as_of=namespace.base_as_of, detailed=namespace.detailed_exitcode)


def run(options: Options, context: Context) -> Report:
    """Return the changes; exit code 4 when the policy refuses them."""
    from moothall.report.diff.view import KIND

    view = review(context, options.revisions, options.base_as_of)
    changes = bool(view["stacks"] or view["planned"] or view["terms"])
    code = REFUSED if view["refusals"] else CHANGES if changes and options.detailed else OK
    return Report(KIND, view, code)
