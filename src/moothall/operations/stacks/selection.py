"""Choosing stacks by name alone, for commands that work on the state and need no definitions."""

from __future__ import annotations

from collections.abc import Sequence

from moothall.failures import USAGE, OperationError
from moothall.model.did_you_mean import did_you_mean
from moothall.model.stackname import parts
from moothall.operations.context import Context
from moothall.operations.definitions import check_name


def chosen_stacks(context: Context, stacks: Sequence[str]) -> tuple[str, ...]:
    """Return the stacks that the selection flags choose: partnership, council, instance and site are in the name.

    Raises OperationError for a name that no stack has, and when nothing stands that fits the whole selection.
    """
    names = [parts(stack) for stack in stacks]
    for noun, existing_names in {
        "partnership": [name.partnership for name in names],
        "council": [name.unit for name in names if name.unit],
        "site": [name.site for name in names],
        "instance": [name.unit for name in names if name.unit],
    }.items():
        if stacks:
            check_name(noun, getattr(context, noun), existing_names)
    flags = (context.partnership, context.council, context.site, context.instance)
    fitting_stacks = tuple(stack for stack in stacks if _fits(context, stack))
    if not fitting_stacks and any(flags):
        raise OperationError(
            f"no stack in {context.state} fits the selection",
            hint=f"moothall state history --state {context.state}  # lists the stacks",
            exit_code=USAGE,
        )
    return fitting_stacks


def require_stack(context: Context, stack: str, stacks: Sequence[str]) -> str:
    """Return `stack` if it is one of `stacks`; raises OperationError with the nearest name otherwise."""
    if stack in stacks:
        return stack
    hint = did_you_mean(stack, stacks) or f"one of: {', '.join(stacks) or 'none'}"
    raise OperationError(f"there is no stack named {stack!r} in {context.state}", hint=hint, exit_code=USAGE)


def _fits(context: Context, stack: str) -> bool:
    name = parts(stack)
    is_of_partnership = context.partnership in (None, name.partnership)
    return is_of_partnership and name.matches(council=context.council, instance=context.instance, site=context.site)
