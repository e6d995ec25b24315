"""Prove, from inside each council's own network, that what stands does what was agreed."""

from __future__ import annotations

import argparse

from moothall.drills.evidence import drilled, due
from moothall.failures import USAGE, Failure
from moothall.model.outcome import SKIPPED, Answer
from moothall.model.uses import ENGINES, SELECTION, Uses
from moothall.operations.session import open_vault, plan_of
from moothall.operations.stacks.engine_bindings import reach
from moothall.ports import Progress
from moothall.report.renderers import require
from moothall.report.results import answer
from moothall.verify import Selection, matrix, verify
from moothall.verify.checks import CHECKS, ISOLATION

HELP = (
    "Prove that every council can log in to its tenants and to nobody else's, that the enabled modules are those "
    "declared, that mirrors stream, that backups are good and that everything is hardened as planned."
)
USES = Uses((*SELECTION, *ENGINES), formats=("text", "json", "junit"), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option for isolation alone, in its full depth."""
    parser.add_argument(
        "--isolation", action="store_true", help="only who may reach what, every ordered pair of councils tried"
    )
    parser.add_argument(
        "--expected", action="store_true", help="with --isolation: say who may reach what, and look at nothing"
    )


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the results; the exit code is 0 only if all that was asked for is proved.

    Raises Failure when the definitions are unsound, the vault does not open, or the selection fits nothing.
    """
    if options.expected:
        require("text", options.format)
    plan = plan_of(options)
    if options.expected:
        return Answer("text", matrix.view(plan))
    vault = open_vault(options, plan)
    selection = Selection(options.council, options.instance, options.site)
    checks = ISOLATION if options.isolation else CHECKS
    results = verify(plan, vault, reach(options, plan).engines, checks=checks, selection=selection, progress=progress)
    if selection == Selection(instance=options.instance):
        drills = due(plan, drilled(options.root))
        results += tuple(result for result in drills if options.instance in (None, result.id.split(".")[1]))
    if all(result.status == SKIPPED for result in results):
        what = f"Nothing in {plan.partnership} fits the selection."
        raise Failure(what, left="Nothing was looked at.", mend="moothall verify", exit_code=USAGE)
    return answer(results)
