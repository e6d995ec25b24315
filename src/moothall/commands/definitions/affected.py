"""Name the stacks that a change of the definitions concerns, and why."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date

from moothall.commands.arguments import add_revisions
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, SELECTION, Uses
from moothall.operations.context import Context
from moothall.operations.review.compare import review
from moothall.report.affected.view import KIND, view

HELP = "Name the stacks that differ between two revisions of the definitions, each with the lines that cause it."
USES = Uses((*SELECTION, *ENGINES), formats=("text", "json", "matrix"), sound=True)


@dataclass(frozen=True)
class Options:
    """Which revisions are compared, and the day of the base."""

    revisions: str | None
    base_as_of: date | None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the revisions."""
    add_revisions(parser, "BASE[..HEAD]")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(revisions=namespace.revisions, base_as_of=namespace.base_as_of)


def run(options: Options, context: Context) -> Report:
    """Return the affected stacks, those that go included."""
    return Report(KIND, view(review(context, options.revisions, options.base_as_of)))
