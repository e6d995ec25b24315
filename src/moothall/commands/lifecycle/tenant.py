"""A tenant goes to the server that the definitions have it on: one of its own, or the one that others share."""

from __future__ import annotations

import argparse

from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, PULUMI, Uses
from moothall.operations.context import Context
from moothall.operations.tenant_move.run import TenantMoveOptions, move

HELP = (
    "Move a council's tenant of an instance to the server that its file has it on: its own with `dedicated: true`, "
    "else the one that others share. It alone is interrupted. Done again after an interruption, it goes on."
)
USES = Uses(("partnership", *ENGINES, *PULUMI), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is done, with which tenant."""
    parser.add_argument("action", choices=["move"], help="what is done")
    parser.add_argument("of_council", metavar="COUNCIL", help="whose tenant it is")
    parser.add_argument("of_instance", metavar="INSTANCE", help="of which instance")
    parser.add_argument("--yes", action="store_true", help="do not ask before the tenant is interrupted")
    deeds = parser.add_mutually_exclusive_group()
    deeds.add_argument("--undo", action="store_true", help="give up a move that did not end")
    deeds.add_argument("--forget", action="store_true", help="remove what a move has left on the former server")
    parser.add_argument("--confirm", metavar="COUNCIL", help="the council's name, to confirm --forget")


def parse(namespace: argparse.Namespace) -> TenantMoveOptions:
    """Return the options."""
    return TenantMoveOptions(
        council=namespace.of_council,
        instance=namespace.of_instance,
        undo=namespace.undo,
        forget=namespace.forget,
        yes=namespace.yes,
        confirm=namespace.confirm,
    )


def run(options: TenantMoveOptions, context: Context) -> Report:
    """Move, and return where the tenant is and how long it was interrupted. Raises OperationError."""
    return move(context, options)
