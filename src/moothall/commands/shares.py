"""Show what each council pays a year for each instance."""

from __future__ import annotations

import argparse

from moothall.model.outcome import Answer
from moothall.model.uses import Uses
from moothall.operations import session
from moothall.ports import Progress
from moothall.report.shares import answer
from moothall.resolve import resolve
from moothall.resolve.shares import shares

HELP = "Show what each council pays a year: the stated cost of each instance, divided by its tenants' shares."
USES = Uses(("partnership", "council", "instance"), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: shares has no options of its own."""


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the shares that are chosen; raises Failure for a council or an instance that is not there."""
    definitions = session.sound(options).definitions
    chosen = session.folders(options)
    session.known("council", options.council, [c.metadata.name for folder in chosen for c in folder.councils])
    session.known("instance", options.instance, [name for folder in chosen for name in folder.partnership.instances])
    found = [
        (folder.partnership.metadata.name, share)
        for folder in chosen
        for share in shares(folder, resolve(folder, definitions.modules, options.as_of))
        if options.council in (None, share.council) and options.instance in (None, share.instance)
    ]
    return answer(options.as_of, found)
