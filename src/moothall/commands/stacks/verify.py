"""Prove, from inside each council's own network, that what stands does what was agreed."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from moothall.failures import USAGE, OperationError
from moothall.model.outcome import SKIPPED, Report
from moothall.model.uses import ENGINES, SELECTION, Uses
from moothall.operations.context import Context
from moothall.operations.drill.schedule import drill_results, last_drill_dates
from moothall.operations.planning import built_plan
from moothall.operations.secrets import open_vault
from moothall.operations.stacks.engine_bindings import reach
from moothall.report.reachability import view as reachability
from moothall.report.renderers import require
from moothall.report.results.view import answer
from moothall.verify import Selection, verify
from moothall.verify.checks import CHECKS, ISOLATION
from moothall.verify.trail import memory

HELP = (
    "Prove that every council can log in to its tenants and to nobody else's, that the enabled modules are those "
    "declared, that mirrors stream, that backups are good and that everything is hardened as planned."
)
USES = Uses((*SELECTION, *ENGINES), formats=("text", "json", "junit"), sound=True)


@dataclass(frozen=True)
class Options:
    """Whether isolation alone is proved, or only told; and the form of the answer."""

    isolation: bool
    expected: bool
    format: str


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option for isolation alone, in its full depth."""
    parser.add_argument(
        "--isolation", action="store_true", help="only who may reach what, every ordered pair of councils tried"
    )
    parser.add_argument(
        "--expected", action="store_true", help="with --isolation: say who may reach what, and look at nothing"
    )


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(isolation=namespace.isolation, expected=namespace.expected, format=namespace.format)


def run(options: Options, context: Context) -> Report:
    """Return the results; the exit code is 0 only if all that was asked for is proved.

    Raises OperationError when the definitions are unsound, the vault does not open, or the selection fits nothing.
    """
    if options.expected:
        require("text", options.format)
    plan = built_plan(context)
    if options.expected:
        return reachability.answer(plan)
    vault = open_vault(context, plan)
    selection = Selection(context.council, context.instance, context.site)
    checks = ISOLATION if options.isolation else CHECKS
    results = verify(
        plan,
        vault,
        reach(context, plan).engines,
        checks=checks,
        selection=selection,
        progress=context.progress,
        trail_memory=memory(context.state, plan),
    )
    if selection == Selection(instance=context.instance):
        drills = drill_results(plan, last_drill_dates(context.root))
        results += tuple(result for result in drills if context.instance in (None, result.id.split(".")[1]))
    if all(result.status == SKIPPED for result in results):
        message = f"Nothing in {plan.partnership} fits the selection."
        raise OperationError(message, state="Nothing was looked at.", hint="moothall verify", exit_code=USAGE)
    return answer(results)
