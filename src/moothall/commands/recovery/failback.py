"""Have an instance that is failed over served by its own site again."""

from __future__ import annotations

import argparse

from moothall.commands.arguments import add_instance
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, Uses
from moothall.operations.context import Context
from moothall.operations.switchover.failback import failback
from moothall.operations.switchover.switchover_context import SwitchOptions
from moothall.report.switch.view import answer

HELP = (
    "Bring an instance home: its own site's server becomes a standby, copied anew where it must be, then both change "
    "roles in a quiet moment, and what stands is what is declared."
)
USES = Uses(("partnership", *ENGINES), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add which instance."""
    add_instance(parser)


def parse(namespace: argparse.Namespace) -> SwitchOptions:
    """Return the options."""
    return SwitchOptions(namespace.of_instance, namespace.yes, namespace.confirm)


def run(options: SwitchOptions, context: Context) -> Report:
    """Fail back and return what came of it; when it is done already, say so.

    Raises OperationError when it cannot be done, is not confirmed, or somebody else works on the instance.
    """
    return answer(failback(context, options))
