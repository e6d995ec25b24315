"""Carry an old finance system's ledger into a council's tenant: rehearsed before the day, imported on it, undone."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from moothall.cutover import order
from moothall.cutover.extract import COLUMNS
from moothall.cutover.totals import compare
from moothall.failures import FAILED, OK
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, Uses
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.cutover.ledger import read_extract, replacing_use
from moothall.operations.cutover.tenancy import Tenancy, tenancy
from moothall.operations.definitions import valid_definitions
from moothall.operations.evidence import FOLDER, PAGE, write
from moothall.report.cutover.view import KIND, Subject, undo_view, view
from moothall.report.text.view import text_of

HELP = (
    "Carry the ledger of the system that a tenant replaces into the tenant. Before the day on which the use begins it "
    "is rehearsed in a copy; from that day on it is imported, if every total is right to the penny."
)
USES = Uses(("partnership", *ENGINES), formats=("text", "json", "markdown", "junit"), sound=True)


@dataclass(frozen=True)
class Options:
    """Whose cut-over of which instance, from which extract, what is done, and where the report goes."""

    council: str
    instance: str
    extract: Path | None
    undo: bool
    rehearse: bool
    evidence: Path | None
    yes: bool


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add whose cut-over, the extract, and what to do with it."""
    parser.add_argument("of_council", metavar="COUNCIL", help="whose tenant")
    parser.add_argument("of_instance", metavar="INSTANCE", help="the tenant of which instance")
    actions = parser.add_mutually_exclusive_group(required=True)
    actions.add_argument("--extract", metavar="DIR", type=Path, help=f"the old system's ledger: {', '.join(COLUMNS)}")
    actions.add_argument("--undo", action="store_true", help="put the tenant back as it was, until somebody has posted")
    parser.add_argument("--rehearse", action="store_true", help="rehearse, even when the day has come")
    parser.add_argument("--evidence", metavar="DIR", type=Path, help="where the report goes, ROOT/evidence if left out")
    parser.add_argument("--yes", action="store_true", help="do not ask before importing or undoing")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(
        council=namespace.of_council,
        instance=namespace.of_instance,
        extract=namespace.extract,
        undo=namespace.undo,
        rehearse=namespace.rehearse,
        evidence=namespace.evidence,
        yes=namespace.yes,
    )


def run(options: Options, context: Context) -> Report:
    """Return what came of it; the exit code is 1 while anything differs.

    Raises InvalidDefinitions with the findings of unsound definitions or of an unsound extract, and OperationError when
    there is nothing to cut over, nobody confirms, or the tenant must not or cannot be changed.
    """
    use, begins = replacing_use(context, valid_definitions(context), options.council, options.instance)
    if options.undo:
        return _undo(options, context)
    assert use.replaces
    assert options.extract  # or --undo, says the parser
    extract = read_extract(options.extract)
    action = order.REHEARSE if options.rehearse or context.as_of < begins else order.IMPORT
    tenant_access = tenancy(context, options.council, options.instance)
    ledger = order.ledger(extract, use.replaces.system, tenant_access.tenant.council_title)
    digest = order.digest(ledger)
    if action == order.IMPORT:
        question = f"Import {len(ledger['journals'])} journals of {use.replaces.system} into {_name(tenant_access)}?"
        _confirm(options, context, text_of(question + "\n"))
    context.progress.stage(f"{action}: {len(ledger['journals'])} journals, {len(extract.postings)} lines")
    outcome = order.outcome(tenant_access.send(action, {"ledger": ledger, "digest": digest}))
    totals = compare(extract, outcome.totals)
    subject = Subject(
        tenant_access.tenant.council,
        tenant_access.tenant.instance,
        use.replaces.system,
        begins,
        context.as_of,
        action,
        digest,
    )
    answer = Report(KIND, view(subject, outcome, totals), FAILED if any(row.differs for row in totals) else OK)
    _report(options, context, answer)
    return answer


def _undo(options: Options, context: Context) -> Report:
    """Put the tenant's database from before the import back, once somebody has seen what goes with it."""
    tenant_access = tenancy(context, options.council, options.instance)
    names = (tenant_access.tenant.council, tenant_access.tenant.instance)
    if not options.yes:
        _confirm(options, context, Report(KIND, undo_view(*names, order.outcome(tenant_access.send(order.LOOK, {})))))
    answer = Report(KIND, undo_view(*names, order.outcome(tenant_access.send(order.UNDO, {}))))
    _report(options, context, answer)
    return answer


def _report(options: Options, context: Context, answer: Report) -> None:
    name = f"{context.as_of}-cutover-{options.council}-{options.instance}-{answer.view['state']}"
    files = write(options.evidence or context.root / FOLDER, name, answer)
    context.progress.stage(f"written: {files[PAGE]}")


def _confirm(options: Options, context: Context, answer: Report) -> None:
    confirm(
        context.progress,
        answer,
        "Go on? Only 'yes' does: ",
        given_answer="yes" if options.yes else None,
        refusal="it was not confirmed",
        no_answer="nobody confirmed it",
        state="Nothing was changed.",
        hint=context.repeated_command("--yes"),
    )


def _name(tenant_access: Tenancy) -> str:
    return f"{tenant_access.tenant.council_title}'s {tenant_access.tenant.instance_title}"
