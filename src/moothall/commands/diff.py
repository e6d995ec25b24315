"""Show what a change of the definitions does, from two git revisions alone."""

from __future__ import annotations

import argparse

from moothall.failures import CHANGES, OK, REFUSED
from moothall.model.outcome import Answer
from moothall.model.uses import ENGINES, SELECTION, Uses
from moothall.operations.review import compare
from moothall.ports import Progress

HELP = (
    "Show what changes between two revisions of the definitions: what is created, restarted, replaced or lost, "
    "for whom, because of which lines, and who has to agree. Needs git, and neither an engine nor a key."
)
USES = Uses((*SELECTION, *ENGINES), formats=("text", "json", "markdown"), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the revisions, and the option that tells changes by the exit code."""
    compare.arguments(parser, "BASE[..HEAD]")
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit 2 when there are changes")


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the changes; exit code 4 when the policy refuses them."""
    view = compare.review(options, progress)
    changes = bool(view["stacks"] or view["planned"] or view["terms"])
    code = REFUSED if view["refusals"] else CHANGES if changes and options.detailed_exitcode else OK
    return Answer("diff", view, code)
