"""Carry an old finance system's ledger into a council's tenant: rehearsed before the day, imported on it, undone."""

from __future__ import annotations

import argparse
from pathlib import Path

from moothall.cutover import order
from moothall.cutover.extract import COLUMNS
from moothall.cutover.totals import compare
from moothall.cutover.view import KIND, Subject, undone, view
from moothall.failures import BLOCKED, FAILED, OK, Failure
from moothall.model.outcome import Answer
from moothall.model.uses import ENGINES, Uses
from moothall.operations import session
from moothall.operations.cutover.ledger import extract_in, replaced
from moothall.operations.cutover.tenancy import Tenancy, tenancy
from moothall.operations.evidence import write
from moothall.ports import Progress

HELP = (
    "Carry the ledger of the system that a tenant replaces into the tenant. Before the day on which the use begins it "
    "is rehearsed in a copy; from that day on it is imported, if every total is right to the penny."
)
USES = Uses(("partnership", *ENGINES), formats=("text", "json", "markdown", "junit"), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add whose cut-over, the extract, and what to do with it."""
    parser.add_argument("of_council", metavar="COUNCIL", help="whose tenant")
    parser.add_argument("of_instance", metavar="INSTANCE", help="the tenant of which instance")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--extract", metavar="DIR", type=Path, help=f"the old system's ledger: {', '.join(COLUMNS)}")
    what.add_argument("--undo", action="store_true", help="put the tenant back as it was, until somebody has posted")
    parser.add_argument("--rehearse", action="store_true", help="rehearse, even when the day has come")
    parser.add_argument("--evidence", metavar="DIR", type=Path, help="where the report goes, ROOT/evidence if left out")
    parser.add_argument("--yes", action="store_true", help="do not ask before importing or undoing")


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return what came of it; the exit code is 1 while anything differs.

    Raises Stopped with the findings of unsound definitions or of an unsound extract, and Failure when there is nothing
    to cut over, nobody confirms, or the tenant must not or cannot be changed.
    """
    use, begins = replaced(session.sound(options), options)
    if options.undo:
        return _undo(options, progress)
    extract = extract_in(options.extract)
    assert use.replaces
    asked = order.REHEARSE if options.rehearse or options.as_of < begins else order.IMPORT
    found = tenancy(options)
    ledger = order.ledger(extract, use.replaces.system, found.tenant.council_title)
    digest = order.digest(ledger)
    if asked == order.IMPORT:
        what = f"Import {len(ledger['journals'])} journals of {use.replaces.system} into {_name(found)}?"
        _confirm(options, progress, Answer("text", {"schemaVersion": 1, "text": what + "\n"}))
    progress.stage(f"{asked}: {len(ledger['journals'])} journals, {len(extract.postings)} lines")
    outcome = order.outcome(found.send(asked, {"ledger": ledger, "digest": digest}))
    compared = compare(extract, outcome.totals)
    subject = Subject(
        found.tenant.council, found.tenant.instance, use.replaces.system, begins, options.as_of, asked, digest
    )
    answer = Answer(KIND, view(subject, outcome, compared), FAILED if any(row.differs for row in compared) else OK)
    _report(options, progress, answer)
    return answer


def _undo(options: argparse.Namespace, progress: Progress) -> Answer:
    """Put the tenant's database from before the import back, once somebody has seen what goes with it."""
    found = tenancy(options)
    names = (found.tenant.council, found.tenant.instance)
    if not options.yes:
        _confirm(options, progress, Answer(KIND, undone(*names, order.outcome(found.send(order.LOOK, {})))))
    answer = Answer(KIND, undone(*names, order.outcome(found.send(order.UNDO, {}))))
    _report(options, progress, answer)
    return answer


def _report(options: argparse.Namespace, progress: Progress, answer: Answer) -> None:
    name = f"{options.as_of}-cutover-{options.of_council}-{options.of_instance}-{answer.view['state']}"
    page = write(options.evidence or options.root / "evidence", name, answer)
    progress.stage(f"written: {page}")


def _confirm(options: argparse.Namespace, progress: Progress, answer: Answer) -> None:
    if options.yes:
        return
    typed = progress.ask(answer, "Go on? Only 'yes' does: ")
    if typed != "yes":
        what = "nobody confirmed it" if typed is None else "it was not confirmed"
        mend = f"moothall cutover {options.of_council} {options.of_instance} {_again(options)} --yes"
        raise Failure(what, left="Nothing was changed.", mend=mend, exit_code=BLOCKED)


def _again(options: argparse.Namespace) -> str:
    return "--undo" if options.undo else f"--extract {options.extract}"


def _name(found: Tenancy) -> str:
    return f"{found.tenant.council_title}'s {found.tenant.instance_title}"
