"""Make what stands equal to the plan, and wait until every tenant that changed can be logged in to."""

from __future__ import annotations

import argparse

from moothall.commands.apply_arguments import add_apply, apply_options
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, PULUMI, SELECTION, Uses
from moothall.operations.context import Context
from moothall.operations.stacks.apply import ApplyOptions
from moothall.operations.stacks.apply_phases import apply_phases

HELP = "Make what stands equal to the plan: images, stacks in order, then wait until every changed tenant answers."
USES = Uses((*SELECTION, *ENGINES, *PULUMI), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options: not to be asked, how long to wait, and that an engine is another now."""
    add_apply(parser)


def parse(namespace: argparse.Namespace) -> ApplyOptions:
    """Return the options."""
    return apply_options(namespace)


def run(options: ApplyOptions, context: Context) -> Report:
    """Make the change and return what came of it, with the addresses of the tenants."""
    from moothall.report.changes.view import KIND

    view, code = apply_phases(context, options)
    return Report(KIND, view, code)
