"""Lift files of an old version of the language, or with keys renamed since; nothing else in them changes."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from moothall.model.outcome import Report
from moothall.model.uses import Uses
from moothall.operations.context import Context
from moothall.operations.files.migration import migrate

HELP = "Lift files of an old version of the language, or with keys renamed since; nothing else in them changes."
USES = Uses()


@dataclass(frozen=True)
class Options:
    """Whether nothing is to be written."""

    check: bool


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option of only looking."""
    parser.add_argument("--check", action="store_true", help="write nothing; exit 2 if there is something to lift")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(check=namespace.check)


def run(options: Options, context: Context) -> Report:
    """Return what was changed, and what is to be said about those files now; exit code 3 if that has errors."""
    return migrate(context, check=options.check)
