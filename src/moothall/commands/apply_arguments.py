"""Arguments shared by the commands that apply a plan."""

from __future__ import annotations

import argparse

from moothall.commands.arguments import add_events, value
from moothall.operations.stacks.apply import READY_SECONDS, ApplyOptions


def add_apply(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that makes a plan stand: `yes`, `wait`, `accept_engine` and `events`."""
    add_events(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask before making the change")
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=value(_seconds),
        default=READY_SECONDS,
        help=f"how long a changed tenant may take to answer, {READY_SECONDS:g} if left out; 0: nobody is waited for",
    )
    parser.add_argument(
        "--accept-engine", metavar="SITE", action="append", help="the site has another engine now, and all is recreated"
    )


def apply_options(namespace: argparse.Namespace) -> ApplyOptions:
    """Return the options that `add_apply` has added, from a parsed namespace."""
    return ApplyOptions(namespace.yes, namespace.wait, tuple(namespace.accept_engine or ()), namespace.events)


def _seconds(text: str) -> float:
    """Return how long to wait; raises ValueError for what is no number of seconds, or more than a day."""
    if not text.isdecimal() or int(text) > 24 * 3600:
        raise ValueError(f"{text!r} is not a number of seconds, 0 to 86400")
    return float(text)
