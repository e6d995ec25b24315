"""Show what each council pays a year for each instance."""

from __future__ import annotations

import argparse

from moothall.model.outcome import Report
from moothall.model.uses import Uses
from moothall.operations.context import Context
from moothall.operations.definitions import check_name, chosen_folders, valid_definitions
from moothall.report.shares.view import answer
from moothall.resolve import resolve
from moothall.resolve.shares import shares

HELP = "Show what each council pays a year: the stated cost of each instance, divided by its tenants' shares."
USES = Uses(("partnership", "council", "instance"), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: shares has no options of its own."""


def parse(namespace: argparse.Namespace) -> None:
    """Return nothing."""


def run(options: None, context: Context) -> Report:
    """Return the shares that are chosen; raises OperationError for a council or an instance that is not there."""
    definitions = valid_definitions(context).definitions
    folders = chosen_folders(context)
    check_name("council", context.council, [c.metadata.name for folder in folders for c in folder.councils])
    check_name("instance", context.instance, [name for folder in folders for name in folder.partnership.instances])
    rows = [
        (folder.partnership.metadata.name, share)
        for folder in folders
        for share in shares(folder, resolve(folder, definitions.modules, context.as_of))
        if context.council in (None, share.council) and context.instance in (None, share.instance)
    ]
    return answer(context.as_of, rows)
