"""Have the site of an instance's mirror serve it, whether its own site is lost or is to rest."""

from __future__ import annotations

import argparse

from moothall.commands.arguments import add_instance
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, Uses
from moothall.operations.context import Context
from moothall.operations.switchover.failover import FailoverOptions, failover
from moothall.report.switch.view import answer

HELP = (
    "Have the other site serve an instance: the server that served is fenced, the standby is promoted, and every "
    "tenant is logged in to at its usual address. Works when the lost site's engine does not answer."
)
USES = Uses(("partnership", *ENGINES), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add which instance, where to, and why."""
    add_instance(parser)
    parser.add_argument("--to", metavar="SITE", help="the site that is to serve, that of the mirror if left out")
    parser.add_argument("--why", metavar="TEXT", default="not said", help="the reason, for the record")


def parse(namespace: argparse.Namespace) -> FailoverOptions:
    """Return the options."""
    return FailoverOptions(namespace.of_instance, namespace.yes, namespace.confirm, namespace.to, namespace.why)


def run(options: FailoverOptions, context: Context) -> Report:
    """Fail over and return what came of it; when it is done already, say so.

    Raises OperationError when it cannot be done, is not confirmed, or somebody else works on the instance.
    """
    return answer(failover(context, options))
