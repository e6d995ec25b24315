"""Do a failover or a restore for real, in an isolated copy or live, and keep what was measured as evidence."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from moothall.failures import CHANGES, FAILED, OK, USAGE, OperationError
from moothall.model.outcome import COULD_NOT_RUN, PASSED, Report
from moothall.model.outcome import FAILED as MISSED
from moothall.model.uses import ENGINES, Uses
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.planning import built_plan
from moothall.operations.stacks import engine_bindings
from moothall.report.drill.view import KIND, DrillView
from moothall.report.text.view import text_of

if TYPE_CHECKING:
    from moothall.model.planned import Plan
    from moothall.operations.restore.subject import Subject

HELP = (
    "Do a failover or a restore for real: in an isolated copy with its own name and networks, from the real backups, "
    "cleared away afterwards; or --live. Or suffer a leak: copy every key of a partnership, exchange them all, and try "
    "the copies at every door. Writes dated evidence. Exit 0 when what was agreed was met, 1 missed, 2 when the drill "
    "could not run."
)
USES = Uses(("partnership", "instance", *ENGINES), formats=("text", "json", "junit", "markdown"), sound=True)
LEAK = "leak"
KINDS = ("failover", "restore", LEAK)
_CODES = {PASSED: OK, MISSED: FAILED, COULD_NOT_RUN: CHANGES}


@dataclass(frozen=True)
class Options:
    """What is drilled, whose, with what runs or in a copy, and where the evidence goes."""

    kind: str
    subject: str
    live: bool
    confirm: str | None
    evidence: Path | None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is drilled, where, and where the evidence goes."""
    parser.add_argument("kind", choices=KINDS, help="what is drilled")
    parser.add_argument(
        "subject",
        metavar="INSTANCE|COUNCIL|PARTNERSHIP",
        help="an instance; a council: its tenant's restore; a partnership: its leak",
    )
    parser.add_argument("--live", action="store_true", help="with what runs, instead of an isolated copy")
    parser.add_argument("--confirm", metavar="NAME", help="the instance's or council's name, to confirm --live")
    parser.add_argument("--evidence", metavar="DIR", type=Path, help="where evidence goes, ROOT/evidence if left out")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(
        kind=namespace.kind,
        subject=namespace.subject,
        live=namespace.live,
        confirm=namespace.confirm,
        evidence=namespace.evidence,
    )


def run(options: Options, context: Context) -> Report:
    """Drill and return what was measured. Raises OperationError when it cannot even begin."""
    from moothall.operations.evidence import FOLDER, write
    from moothall.operations.restore.subject import choose

    plan = built_plan(context)
    if options.kind == LEAK:
        _check_leak(options, plan)
        drill = partial(_run_leak, context, plan)
    else:
        subject = choose(plan, options.subject, context.instance)
        _check_possible(options, subject)
        drill = partial(_run_drill, options, context, subject)
    _confirm(options, context)
    view = drill(datetime.now(UTC))
    answer = Report(KIND, view, _CODES[view["outcome"]])
    files = write(options.evidence or context.root / FOLDER, _evidence_name(view), answer)
    return answer._replace(view={**view, "evidence": [str(file) for file in files.values()]})


def _evidence_name(view: DrillView) -> str:
    """Return the name of a drill's evidence, without an ending: when it began, and what was drilled."""
    moment = view["began"][:19].replace(":", "")
    parts = (moment, view["drill"], view["partnership"], view["council"] or view["instance"])
    return "-".join(part for part in parts if part)


def _check_leak(options: Options, plan: Plan) -> None:
    """Raise OperationError for a leak of anything but the partnership that runs."""
    if options.subject != plan.partnership or not options.live:
        raise OperationError(
            "a leak is drilled with what runs: all keys of a partnership are exchanged, and what uses them restarts",
            state="Nothing was touched.",
            hint=f"moothall drill leak {plan.partnership} --live --confirm {plan.partnership}",
            exit_code=USAGE,
        )


def _check_possible(options: Options, subject: Subject) -> None:
    """Raise OperationError for the failover of a subject that has no mirror."""
    names = {mirror.instance for mirror in subject.plan.mirrors}
    if options.kind == "failover" and (subject.council or subject.instance not in names):
        message = f"{subject.name} has no mirror to fail over to; mirrored are: {', '.join(sorted(names)) or 'none'}"
        hint = f"moothall drill restore {subject.name}"
        raise OperationError(message, state="Nothing was touched.", hint=hint, exit_code=USAGE)


def _confirm(options: Options, context: Context) -> None:
    name = options.subject
    if options.live:
        confirm(
            context.progress,
            text_of(f"The {options.kind} of {name} interrupts those who work.\n"),
            f"Type {name} to go on: ",
            expected=name,
            given_answer=name if options.confirm == name else None,
            refusal="the live drill was not confirmed",
            state="Nothing was touched.",
            hint=f"moothall drill {options.kind} {name} --live --confirm {name}",
        )


def _run_leak(context: Context, plan: Plan, start: datetime) -> DrillView:
    from moothall.operations.drill.leak import drill_leak

    return drill_leak(context, plan, start)


def _run_drill(options: Options, context: Context, subject: Subject, start: datetime) -> DrillView:
    from moothall.operations.drill.run import drill_isolated, drill_live

    engine_reach = engine_bindings.reach(context, subject.plan)
    if options.live:
        return drill_live(context, options.kind, subject, engine_reach, start, options.confirm)
    return drill_isolated(context, options.kind, subject, engine_reach, start)
