"""Show what each council pays a year for each instance."""

from __future__ import annotations

import argparse

from moothall.model.outcome import Answer
from moothall.ports import Progress
from moothall.report.shares import answer
from moothall.resolve import resolve
from moothall.resolve.shares import shares
from moothall.verbs.session import sound

HELP = "Show what each council pays a year: the stated cost of each instance, divided by its tenants' shares."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: shares has no options of its own."""


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the shares that are chosen."""
    definitions = sound(options).definitions
    found = [
        (folder.partnership.metadata.name, share)
        for folder in definitions.folders
        if options.partnership in (None, folder.partnership.metadata.name)
        for share in shares(folder, resolve(folder, definitions.modules, options.as_of))
        if options.council in (None, share.council) and options.instance in (None, share.instance)
    ]
    return answer(options.as_of, found)
