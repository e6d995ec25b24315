"""Show the whole compiled plan."""

from __future__ import annotations

import argparse

from moothall.model.outcome import Answer
from moothall.plan import view
from moothall.ports import Progress
from moothall.verbs import session

HELP = "Show everything that shall stand on the day, and what is only planned. Needs no engine and no key."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: plan has no options of its own."""


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the plan."""
    return Answer("plan", view(session.plan_of(options)))
