"""Exchanging the keys of a council or a partnership, with what runs following."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.secrets import exchange_master, rotate
from moothall.operations.stacks.apply import ApplyOptions
from moothall.operations.stacks.apply_phases import apply_phases

if TYPE_CHECKING:
    from moothall.report.changes.view import ChangesView


def rotate_and_apply(
    context: Context, plan: Plan, options: ApplyOptions, used: int, *, master: bool
) -> tuple[ChangesView, int]:
    """Begin a new generation for the chosen council or everybody, and make what follows from it, as `apply_phases`.

    With `master` the master key, the authority and the cipher of backups are exchanged, too. `used` is the newest
    change of the keyring by which anything stands. Raises OperationError.
    """
    owner = context.council or plan.title
    number = exchange_master(context, plan, used) if master else rotate(context, plan, context.council, used)
    context.progress.stage(f"{owner}: generation {number}; whoever is interrupted now goes on with moothall up")
    return apply_phases(context, replace(options, yes=True))
