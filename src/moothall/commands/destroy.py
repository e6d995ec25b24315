"""Take down what stands. Data volumes stay, unless their loss is asked for and confirmed by name."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from moothall.commands import preview
from moothall.failures import BLOCKED, INTERRUPTED, REFUSED, Failure
from moothall.model.outcome import Answer
from moothall.model.planned import Plan, Stack
from moothall.model.stackname import parts
from moothall.model.uses import ENGINES, PULUMI, SELECTION, Uses
from moothall.operations import session
from moothall.operations.stacks import deployed, engine_bindings, remote_states
from moothall.operations.stacks.interrupt import interruptible
from moothall.ports import Progress

HELP = "Take down what stands. Data volumes are kept, unless --with-data and the partnership's name confirm their loss."
USES = Uses((*SELECTION, *ENGINES, *PULUMI), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for confirming."""
    deployed.events_argument(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask; not enough for --with-data")
    parser.add_argument("--with-data", action="store_true", help="destroy data volumes too: databases and backups")
    parser.add_argument("--confirm", metavar="NAME", help="the partnership's name, to confirm --with-data")


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Take the chosen stacks down and return what came of it."""
    plan, council = _plan(options)
    found = engine_bindings.reach(options, plan)
    stands = deployed.standing(options, plan)
    session.known("site", options.site, [*(s.site for s in plan.stacks), *(parts(name).site for name in stands)])
    session.known("council", council, [*plan.identities, *(parts(name).holds for name in stands)])
    chosen = tuple(
        name for name in stands if parts(name).fits(council=council, instance=options.instance, site=options.site)
    )
    vault = session.passing_vault(plan)  # taking down derives nothing
    deployment = deployed.deployment(options, plan, vault, found)

    from moothall.deploy import deployment as deploy
    from moothall.deploy.changes import view

    def holds_more(name: str) -> bool:
        """Say whether a stack holds more than the data that it keeps when it is taken down."""
        [change] = deploy.destroy_preview(deployment, [name], with_data=False)
        return change.changes

    _refuse_needed(plan, chosen, stands, holds_more)
    ahead = deploy.destroy_preview(deployment, chosen, with_data=options.with_data)
    _confirm(options, plan, Answer("changes", view(ahead, [plan])), progress)
    engine_bindings.clear(plan, found)
    if options.with_data:
        from moothall.restore.copy import clear

        for endpoint in found.endpoints(stack.site for stack in plan.stacks):
            clear(endpoint, plan.partnership)
    with interruptible(progress) as stop:
        changes = deploy.destroy(deployment, chosen, progress, stop, with_data=options.with_data)
        code = INTERRUPTED if stop.is_set() else preview.exit_code(changes, detailed=False)
    left = deployed.standing(options, plan)
    engine_bindings.forget(options, plan, {parts(stack).site for stack in left})
    remote_states.forget(options, plan, left)
    return Answer("changes", view(changes, [plan], session.again(options)), code)


def _plan(options: argparse.Namespace) -> tuple[Plan, str | None]:
    """Return the plan and the chosen council; one whose file is gone, or a site that has ended, may be taken down."""
    site, council = options.site, options.council
    options.site = options.council = None
    plan = session.plan_of(options)
    options.site = site
    return plan, council


def _refuse_needed(
    plan: Plan, chosen: tuple[str, ...], stands: tuple[str, ...], holds_more: Callable[[str], bool]
) -> None:
    """Raise Failure (refused) when something that is not `chosen` stands and needs what is."""
    for stack in plan.stacks:
        if stack.name in stands and stack.name not in chosen:
            needed = [need for need in stack.needs if need in chosen]
            if needed and holds_more(stack.name):
                raise Failure(
                    f"{stack.name} still stands and needs {needed[0]}",
                    left="Nothing was touched.",
                    mend=f"moothall destroy --partnership {plan.partnership} {_choice(stack)}  # first",
                    exit_code=REFUSED,
                )


def _choice(stack: Stack) -> str:
    """Return the words that choose what a stack is of: a council, an instance or a site."""
    noun = "council" if stack.council else "instance" if stack.kind == "instance" else "site"
    return f"--{noun} {parts(stack.name).holds}"


def _confirm(options: argparse.Namespace, plan: Plan, ahead: Answer, progress: Progress) -> None:
    if options.with_data:
        name = options.confirm or progress.ask(ahead, f"All data is lost. Type {plan.partnership} to go on: ")
        wanted, mend = plan.partnership, session.again(options, "--confirm", plan.partnership)
    else:
        name = "yes" if options.yes else progress.ask(ahead, "Take this down? Only 'yes' goes on: ")
        wanted, mend = "yes", session.again(options, "--yes")
    if name != wanted:
        raise Failure("destroying was not confirmed", left="Nothing was touched.", mend=mend, exit_code=BLOCKED)
