"""Taking down what stands. Data volumes stay, unless their loss is asked for and confirmed by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from moothall.failures import INTERRUPTED, REFUSED, OperationError
from moothall.model.outcome import Report
from moothall.model.planned import Plan, Stack
from moothall.model.stackname import parts, stack_of
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.definitions import check_name
from moothall.operations.planning import chosen_plan
from moothall.operations.secrets import passing_vault
from moothall.operations.stacks import deployed, engine_bindings, preview, remote_states
from moothall.operations.stacks.interrupt import interruptible
from moothall.verify import trail


@dataclass(frozen=True)
class DestroyOptions:
    """What is taken down, and how that is agreed to: `confirm` is the partnership's name, for the loss of its data.

    `events` is the folder for Pulumi's event streams.
    """

    yes: bool = False
    with_data: bool = False
    confirm: str | None = None
    events: Path | None = None


def destroy(context: Context, options: DestroyOptions) -> Report:
    """Take the chosen stacks down and return what came of it."""
    # A council whose file is gone, or a site that has ended, may be taken down.
    plan = chosen_plan(context._replace(site=None, council=None))
    engine_reach = engine_bindings.reach(context, plan)
    standing_stacks = deployed.standing_stacks(context, plan)
    check_name("site", context.site, [*(s.site for s in plan.stacks), *(parts(name).site for name in standing_stacks)])
    check_name("council", context.council, [*plan.identities, *(parts(name).unit_or_site for name in standing_stacks)])
    chosen_stacks = tuple(
        name
        for name in standing_stacks
        if parts(name).matches(council=context.council, instance=context.instance, site=context.site)
    )
    vault = passing_vault(plan)  # taking down derives nothing
    # Without the council: what is taken down is chosen by name.
    deployment = deployed.deployment(context._replace(council=None), plan, vault, engine_reach, events=options.events)

    from moothall.deploy import deployment as deploy
    from moothall.report.changes.view import KIND, view

    def holds_more(name: str) -> bool:
        """Say whether a stack holds more than the data that it keeps when it is taken down."""
        [change] = deploy.destroy_preview(deployment, [name], with_data=False)
        return change.changes

    _refuse_needed(plan, chosen_stacks, standing_stacks, holds_more)
    preview_changes = deploy.destroy_preview(deployment, chosen_stacks, with_data=options.with_data)
    _confirm(context, options, plan, Report(KIND, view(preview_changes, [plan])))
    engine_bindings.clear(plan, engine_reach)
    if options.with_data:
        from moothall.operations.restore.copy import clear

        for endpoint in engine_reach.endpoints(stack.site for stack in plan.stacks):
            clear(endpoint, plan.partnership)
    with interruptible(context.progress) as stop:
        changes = deploy.destroy(deployment, chosen_stacks, context.progress, stop, with_data=options.with_data)
        code = INTERRUPTED if stop.is_set() else preview.exit_code(changes, detailed=False)
    remaining_stacks = deployed.standing_stacks(context, plan)
    if options.with_data:
        _forget_trail(context, plan, set(chosen_stacks).difference(remaining_stacks))
    engine_bindings.forget(context, plan, {parts(stack).site for stack in remaining_stacks})
    remote_states.forget(context, plan, remaining_stacks)
    return Report(KIND, view(changes, [plan], context.repeated_command()), code)


def _forget_trail(context: Context, plan: Plan, removed_stacks: set[str]) -> None:
    """Forget what was seen in the store of logs if that was removed with all that it kept."""
    memory = trail.memory(context.state, plan)
    if plan.trail and memory and stack_of(plan.trail.store) in removed_stacks:
        memory.forget()


def _refuse_needed(
    plan: Plan, chosen_stacks: tuple[str, ...], standing_stacks: tuple[str, ...], holds_more: Callable[[str], bool]
) -> None:
    """Raise OperationError (refused) when something outside `chosen_stacks` stands and needs one of them."""
    for stack in plan.stacks:
        if stack.name in standing_stacks and stack.name not in chosen_stacks:
            needed_stacks = [need for need in stack.needs if need in chosen_stacks]
            if needed_stacks and holds_more(stack.name):
                raise OperationError(
                    f"{stack.name} still stands and needs {needed_stacks[0]}",
                    state="Nothing was touched.",
                    hint=f"moothall destroy --partnership {plan.partnership} {_choice(stack)}  # first",
                    exit_code=REFUSED,
                )


def _choice(stack: Stack) -> str:
    """Return the option that selects the council, the instance or the site of a stack."""
    noun = "council" if stack.council else "instance" if stack.kind == "instance" else "site"
    return f"--{noun} {parts(stack.name).unit_or_site}"


def _confirm(context: Context, options: DestroyOptions, plan: Plan, report: Report) -> None:
    name, given_answer, extra_words = "yes", "yes" if options.yes else None, ["--yes"]
    question = "Take this down? Only 'yes' goes on: "
    if options.with_data:
        name, given_answer, extra_words = plan.partnership, options.confirm, ["--confirm", plan.partnership]
        question = f"All data is lost. Type {name} to go on: "
    confirm(
        context.progress,
        report,
        question,
        expected=name,
        given_answer=given_answer,
        refusal="destroying was not confirmed",
        state="Nothing was touched.",
        hint=context.repeated_command(*extra_words),
    )
