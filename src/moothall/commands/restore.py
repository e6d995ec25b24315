"""Restore an instance, or one council's tenant alone, to a moment: beside, compared, then swapped."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from moothall.failures import BLOCKED, FAILED, Failure
from moothall.model.outcome import Answer
from moothall.model.uses import ENGINES, Uses
from moothall.operations import session
from moothall.operations.stacks import engine_bindings
from moothall.ports import Progress

if TYPE_CHECKING:
    from moothall.restore.run import Restore

HELP = (
    "Restore an instance, or one council's tenant alone, from its backups: beside the running one, as of a moment, "
    "compared with it. With --swap the copy's state takes its place, and the former state is kept until --forget."
)
USES = Uses(("partnership", "instance", *ENGINES), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is restored, to which moment, and what is done with it."""
    parser.add_argument("subject", metavar="INSTANCE|COUNCIL", help="an instance, or a council for its tenant alone")
    parser.add_argument("--at", metavar="TIME", type=_moment, help="such as 2007-03-31T09:00; the newest if left out")
    deeds = parser.add_mutually_exclusive_group()
    deeds.add_argument("--swap", action="store_true", help="put the restored state in the place of the running one")
    deeds.add_argument("--undo", action="store_true", help="put back the state that the last swap has set aside")
    deeds.add_argument("--forget", action="store_true", help="remove the copy and the states that were set aside")
    parser.add_argument("--confirm", metavar="NAME", help="the instance's or council's name, to confirm a change")


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make the copy, compare, and do what is asked for with it. Raises Failure."""
    from moothall.deploy.deployment import PROJECT
    from moothall.engine import Backend, lock
    from moothall.restore.run import Restore
    from moothall.restore.subject import choose

    plan = session.plan_of(options)
    subject = choose(plan, options.subject, options.instance)
    found = engine_bindings.reach(options, plan)
    again = partial(session.again, options)
    restore = Restore(subject, found.engines, session.open_vault(options, plan), progress, again)
    with lock.hold_all(Backend(options.state, session.state_passphrase), PROJECT, subject.stacks):
        return _done(options, restore, progress)


def _done(options: argparse.Namespace, restore: Restore, progress: Progress) -> Answer:
    from moothall.restore.sets import Moment

    if options.forget or options.undo:
        view = restore.kept()
        _confirm(options, view, progress)
        view |= restore.forget() if options.forget else restore.undo()
    else:
        view = restore.beside(Moment(options.at))
        if options.swap:
            _confirm(options, view, progress)
            view |= restore.swap()
    return Answer("restoration", view, FAILED if view.get("waiting") else 0)


def _confirm(options: argparse.Namespace, view: dict[str, object], progress: Progress) -> None:
    name = options.subject
    question = f"This changes what {name} works with. Type {name} to go on: "
    if (options.confirm or progress.ask(Answer("restoration", view), question)) == name:
        return
    deed = next(deed for deed in ("swap", "undo", "forget") if getattr(options, deed))
    raise Failure(
        f"--{deed} was not confirmed",
        left="What runs was not touched." + (" The copy stays, for the next time." if options.swap else ""),
        mend=session.again(options, "--confirm", name),
        exit_code=BLOCKED,
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last hours of the calendar are in no other zone
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2007-03-31T09:00 or …+00:00") from None
    if moment > datetime.now(UTC):
        raise argparse.ArgumentTypeError(f"{text} is still to come")
    return moment
