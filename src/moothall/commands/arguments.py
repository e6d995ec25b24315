"""Arguments that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from moothall.settings.day import day

T = TypeVar("T")


def value(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Return the `type` of an argument: a ValueError of `parse` becomes a usage error with its message."""

    def convert(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def add_events(parser: argparse.ArgumentParser) -> None:
    """Add the option for Pulumi's event stream, `events`."""
    parser.add_argument("--events", metavar="DIR", type=Path, help="write Pulumi's event stream of each stack here")


def add_edit(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that changes files, `yes` and `dry_run`."""
    parser.add_argument("--yes", action="store_true", help="do not ask before writing")
    parser.add_argument("--dry-run", action="store_true", help="show the change and write nothing")


def add_instance(parser: argparse.ArgumentParser) -> None:
    """Add which mirrored instance changes sites, and how to say yes: `of_instance`, `yes` and `confirm`."""
    parser.add_argument("of_instance", metavar="INSTANCE", help="the mirrored instance")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--confirm", metavar="INSTANCE", help="the instance's name: changes may be lost, and that is accepted"
    )


def add_revisions(parser: argparse.ArgumentParser, metavar: str) -> None:
    """Add the revisions and the day on which the base is looked at: `revisions` and `base_as_of`."""
    words = (
        "from where to where; the base is the merge base with the main branch if left out, the head the working tree"
    )
    parser.add_argument("revisions", nargs="?", metavar=metavar, help=words)
    parser.add_argument(
        "--base-as-of", metavar="DATE", type=value(day), help="the day of the base, that of the head if left out"
    )
