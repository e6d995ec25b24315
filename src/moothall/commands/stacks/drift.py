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


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(detailed=namespace.detailed_exitcode)


def run(options: Options, context: Context) -> Report:
    """Return the drift; the exit code is 1 when an engine could not be asked."""
    from moothall.deploy.deployment import PROJECT
    from moothall.deploy.labels import OWNER
    from moothall.pulumi_engine import Backend
    from moothall.pulumi_engine.observe.drift_scan import drift

    backend = Backend(context.state, state_passphrase)
    existing_stacks = {*backend.stacks(PROJECT), *remote_states.remote_addresses(context)}
    names = set(selection.chosen_stacks(context, sorted(existing_stacks)))
    remote_states.refuse(context, sorted(names), "refresh", "--preview-only")
    drift_view = view(
        drift(PROJECT, backend, OWNER, names.__contains__, lambda stack: context.progress.stage(f"looking at {stack}"))
    )
    if drift_view["summary"]["couldNotRun"]:
        return Report(KIND, drift_view, FAILED)
    return Report(KIND, drift_view, CHANGES if options.detailed and drift_view["summary"]["differences"] else OK)
