"""Show where what stands is not what was stood up. Nothing is changed, on the engine or in the state."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from moothall.failures import CHANGES, FAILED, OK
from moothall.model.outcome import Report
from moothall.model.uses import SELECTION, Uses
from moothall.operations.context import Context
from moothall.operations.secrets import state_passphrase
from moothall.operations.stacks import remote_states, selection
from moothall.report.drift.view import KIND, view

HELP = (
    "Show where what stands is not what was stood up: what is missing, stopped, made again, changed or added by hand. "
    "Every stack of the state is looked at, or those chosen; the definitions are not needed. Nothing is changed."
)
USES = Uses(SELECTION, formats=("text", "json", "markdown"))


@dataclass(frozen=True)
class Options:
    """Whether drift shows in the exit code."""

    detailed: bool


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option that tells drift by the exit code."""
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit 2 when there is drift")


def parse(given: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(detailed=given.detailed_exitcode)


def run(options: Options, context: Context) -> Report:
    """Return the drift; the exit code is 1 when an engine could not be asked."""
    from moothall.deploy.deployment import PROJECT
    from moothall.deploy.labels import OWNER
    from moothall.pulumi_engine import Backend
    from moothall.pulumi_engine.observe.drift_scan import drift

    backend = Backend(context.state, state_passphrase)
    there = {*backend.stacks(PROJECT), *remote_states.found(context)}
    names = set(selection.chosen(context, sorted(there)))
    remote_states.refuse(context, sorted(names), "refresh", "--preview-only")
    shown = view(
        drift(PROJECT, backend, OWNER, names.__contains__, lambda stack: context.progress.stage(f"looking at {stack}"))
    )
    if shown["summary"]["couldNotRun"]:
        return Report(KIND, shown, FAILED)
    return Report(KIND, shown, CHANGES if options.detailed and shown["summary"]["differences"] else OK)
