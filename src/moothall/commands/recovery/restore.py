"""Restore an instance, or one council's tenant alone, to a moment: beside, compared, then swapped."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from moothall.commands.arguments import value
from moothall.failures import FAILED
from moothall.model.outcome import Report
from moothall.model.uses import ENGINES, Uses
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.planning import built_plan
from moothall.operations.secrets import open_vault
from moothall.operations.stacks import engine_bindings
from moothall.report.restoration.view import KIND, RestorationView

if TYPE_CHECKING:
    from moothall.operations.restore.run import Restore
    from moothall.operations.restore.subject import Subject

HELP = (
    "Restore an instance, or one council's tenant alone, from its backups: beside the running one, as of a moment, "
    "compared with it. With --swap the copy's state takes its place, and the former state is kept until --forget."
)
USES = Uses(("partnership", "instance", *ENGINES), sound=True)


@dataclass(frozen=True)
class Options:
    """What is restored, to which moment, and what is done with it."""

    subject: str
    moment: datetime | None
    swap: bool
    undo: bool
    forget: bool
    confirm: str | None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is restored, to which moment, and what is done with it."""
    parser.add_argument("subject", metavar="INSTANCE|COUNCIL", help="an instance, or a council for its tenant alone")
    parser.add_argument(
        "--at", metavar="TIME", type=value(_moment), help="such as 2007-03-31T09:00; the newest if left out"
    )
    deeds = parser.add_mutually_exclusive_group()
    deeds.add_argument("--swap", action="store_true", help="put the restored state in the place of the running one")
    deeds.add_argument("--undo", action="store_true", help="put back the state that the last swap has set aside")
    deeds.add_argument("--forget", action="store_true", help="remove the copy and the states that were set aside")
    parser.add_argument("--confirm", metavar="NAME", help="the instance's or council's name, to confirm a change")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(
        subject=namespace.subject,
        moment=namespace.at,
        swap=namespace.swap,
        undo=namespace.undo,
        forget=namespace.forget,
        confirm=namespace.confirm,
    )


def run(options: Options, context: Context) -> Report:
    """Make the copy, compare, and do what is asked for with it. Raises OperationError."""
    from moothall.operations.restore.run import Restore
    from moothall.operations.restore.subject import choose
    from moothall.operations.stacks.locks import hold_stacks

    plan = built_plan(context)
    subject = choose(plan, options.subject, context.instance)
    engine_reach = engine_bindings.reach(context, plan)
    restore = Restore(
        subject,
        engine_reach.engines,
        open_vault(context, plan),
        context.progress,
        context.repeated_command,
        context.state,
    )
    with hold_stacks(context, subject.stacks):
        view = _restore(options, context, subject, restore)
    return Report(KIND, view, FAILED if view.get("waiting") else 0)


def _restore(options: Options, context: Context, subject: Subject, restore: Restore) -> RestorationView:
    from moothall.operations.restore.backup_sets import RecoveryTarget
    from moothall.operations.restore.view import add_swap, former_states_view, side_copy_view

    if options.forget or options.undo:
        view = former_states_view(subject, restore.former_states())
        _confirm(options, context, view)
        if options.forget:
            view["forgotten"] = list(restore.forget())
        else:
            add_swap(view, restore.undo())
        return view
    target = RecoveryTarget(options.moment)
    view = side_copy_view(subject, target, *restore.restore_beside(target))
    if options.swap:
        _confirm(options, context, view)
        add_swap(view, restore.swap())
    return view


def _confirm(options: Options, context: Context, view: RestorationView) -> None:
    name, deed = options.subject, "swap" if options.swap else "undo" if options.undo else "forget"
    confirm(
        context.progress,
        Report(KIND, view),
        f"This changes what {name} works with. Type {name} to go on: ",
        expected=name,
        given_answer=options.confirm,
        refusal=f"--{deed} was not confirmed",
        state="What runs was not touched." + (" The copy stays, for the next time." if options.swap else ""),
        hint=context.repeated_command("--confirm", name),
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last hours of the calendar are in no other zone
        raise ValueError(f"{text!r} is not a time such as 2007-03-31T09:00 or …+00:00") from None
    if moment > datetime.now(UTC):
        raise ValueError(f"{text} is still to come")
    return moment
