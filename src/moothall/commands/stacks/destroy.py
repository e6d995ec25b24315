"""Take down what stands. Data volumes stay, unless their loss is asked for and confirmed by name."""

from __future__ import annotations

import argparse

from moothall.commands.arguments import add_events
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, PULUMI, SELECTION, Uses
from moothall.operations.context import Context
from moothall.operations.stacks.destroy import DestroyOptions, destroy

HELP = "Take down what stands. Data volumes are kept, unless --with-data and the partnership's name confirm their loss."
USES = Uses((*SELECTION, *ENGINES, *PULUMI), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for confirming."""
    add_events(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask; not enough for --with-data")
    parser.add_argument("--with-data", action="store_true", help="destroy data volumes too: databases and backups")
    parser.add_argument("--confirm", metavar="NAME", help="the partnership's name, to confirm --with-data")


def parse(namespace: argparse.Namespace) -> DestroyOptions:
    """Return the options."""
    return DestroyOptions(namespace.yes, namespace.with_data, namespace.confirm, namespace.events)


def run(options: DestroyOptions, context: Context) -> Report:
    """Take the chosen stacks down and return what came of it."""
    return destroy(context, options)
