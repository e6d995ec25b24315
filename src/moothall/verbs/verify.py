"""Prove, from inside each council's own network, that what stands does what was agreed."""

from __future__ import annotations

import argparse

from moothall.failures import USAGE, Failure
from moothall.model.outcome import SKIPPED, Answer
from moothall.ports import Progress
from moothall.report.results import answer
from moothall.verbs.session import engine_host, open_vault, plan_of
from moothall.verify import Selection, verify

HELP = (
    "Prove that every council can log in to its tenants and to nobody else's, that the enabled modules are those "
    "declared, that mirrors stream, that backups are good and that everything is hardened as planned."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the selection flags are common to all verbs."""


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the results; the exit code is 0 only if all that was asked for is proved.

    Raises Failure when the definitions are unsound, the vault does not open, or the selection fits nothing.
    """
    plan = plan_of(options)
    vault = open_vault(options, plan)
    selection = Selection(options.council, options.instance, options.site)
    results = verify(plan, vault, engine_host(options), selection=selection, progress=progress)
    if all(result.status == SKIPPED for result in results):
        what = f"Nothing in {plan.partnership} fits the selection."
        raise Failure(what, left="Nothing was looked at.", mend="moothall verify", exit_code=USAGE)
    return answer(results)
