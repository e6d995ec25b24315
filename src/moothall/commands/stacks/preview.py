"""Show what `up` would change. Nothing is changed, on the engine or in the state."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from moothall.commands.arguments import add_events
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, PULUMI, SELECTION, Uses
from moothall.operations.context import Context
from moothall.operations.stacks.preview import preview

HELP = "Show what `up` would create, change, restart, replace or remove, for whom, and because of which line."
USES = Uses((*SELECTION, *ENGINES, *PULUMI), sound=True)


@dataclass(frozen=True)
class Options:
    """Where Pulumi's event streams go, if anywhere, and whether changes show in the exit code."""

    events: Path | None
    detailed: bool


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option that tells changes by the exit code."""
    add_events(parser)
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit 2 when there are changes")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(namespace.events, namespace.detailed_exitcode)


def run(options: Options, context: Context) -> Report:
    """Return the changes, and why they would be refused."""
    from moothall.report.changes.view import KIND

    view, code = preview(context, events=options.events, detailed=options.detailed)
    return Report(KIND, view, code)
