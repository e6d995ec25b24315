"""Take a council on: propose its file, show it, and write it if the definitions are valid with it."""

from __future__ import annotations

import argparse

from moothall.commands.arguments import add_edit, value
from moothall.model.outcome import Report
from moothall.model.uses import Uses
from moothall.operations.context import Context
from moothall.operations.files.onboarding import OnboardOptions, onboard
from moothall.settings.day import day

HELP = (
    "Propose the file of a new council (identity, site, next free network, modules), show it, ask, and write it. "
    "A file with which the definitions would be invalid is refused."
)
USES = Uses(("partnership", "site"), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add who joins, and what of the proposal shall be otherwise; --partnership and --site are common to commands."""
    parser.add_argument("joining", metavar="NAME", help="the name of the new council, like wear-valley")
    parser.add_argument("--title", metavar="TEXT", help="what people call it")
    parser.add_argument(
        "--joined", metavar="DATE", type=value(day), help="the day it joins, that of --as-of if left out"
    )
    parser.add_argument("--network", metavar="CIDR", help="its network, the next free one at its site if left out")
    parser.add_argument(
        "--uses",
        metavar="INSTANCE[:MODULE,...]",
        action="append",
        default=[],
        type=use,
        help="an instance it uses; without modules what every tenant there has, else all there are. May be repeated",
    )
    parser.add_argument("--interactive", action="store_true", help="ask for each value, with the proposal as default")
    add_edit(parser)


def parse(namespace: argparse.Namespace) -> OnboardOptions:
    """Return the options."""
    return OnboardOptions(
        name=namespace.joining,
        title=namespace.title,
        joined=namespace.joined,
        network=namespace.network,
        uses=tuple(namespace.uses),
        interactive=namespace.interactive,
        yes=namespace.yes,
        dry_run=namespace.dry_run,
    )


def run(options: OnboardOptions, context: Context) -> Report:
    """Return the new file.

    Raises OperationError for a name that cannot be, InvalidDefinitions with the findings where the result would be
    invalid; nothing is written then.
    """
    return onboard(context, options)


def use(text: str) -> tuple[str, tuple[str, ...]]:
    """Return instance and modules of a word like `erp:finance,procurement`; no modules for `erp`."""
    instance, _, modules = text.partition(":")
    return instance, tuple(module for module in modules.split(",") if module)
