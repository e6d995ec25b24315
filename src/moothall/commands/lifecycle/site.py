"""A site takes another's place: its instances go to their mirrors there, the files change, and the old site is left."""

from __future__ import annotations

import argparse

from moothall.commands.arguments import add_edit
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, PULUMI, Uses
from moothall.operations.context import Context
from moothall.operations.files.site_move import SiteMoveOptions, move

HELP = (
    "Move all that is at a site to the one that replaces it. Instances have been mirrored there before: their mirrors "
    "take over. Done again after an interruption, it goes on."
)
USES = Uses(("partnership", *ENGINES, *PULUMI), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is done, and which sites."""
    parser.add_argument("action", choices=["move"], help="what is done")
    parser.add_argument("old", metavar="OLD", help="the site that is replaced")
    parser.add_argument("new", metavar="NEW", help="the site that takes its place, as its `replaces` says")
    add_edit(parser)


def parse(namespace: argparse.Namespace) -> SiteMoveOptions:
    """Return the options."""
    return SiteMoveOptions(namespace.old, namespace.new, namespace.yes, namespace.dry_run)


def run(options: SiteMoveOptions, context: Context) -> Report:
    """Move, and return what came of each step with the interruptions that were measured.

    Raises OperationError when it cannot be done or is not agreed to, InvalidDefinitions with the findings where the
    definitions would be invalid afterwards.
    """
    return move(context, options)
