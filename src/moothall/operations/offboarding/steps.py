"""The steps of leaving that work on what stands, in their order, while nobody else works on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from moothall.model.outcome import CheckResult
from moothall.operations.context import Context
from moothall.operations.offboarding.handover import confirm_freeze, export_and_prove, freeze_or_thaw
from moothall.operations.offboarding.leaver import Leaver
from moothall.operations.offboarding.purge import remove_data
from moothall.operations.stacks.locks import hold_stacks
from moothall.validation.validate import ValidationResult


@dataclass(frozen=True)
class StepOptions:
    """Which steps are done, each folder where it is one's, and how they are agreed to; `confirm` is the council's
    name."""

    freeze: bool = False
    thaw: bool = False
    export: Path | None = None
    remove: Path | None = None
    confirm: str | None = None
    yes: bool = False


def carry_out(
    context: Context, leaver: Leaver, validation: ValidationResult, options: StepOptions
) -> list[CheckResult]:
    """Do the steps and return their results.

    Raises OperationError, as blocked while somebody else works on what holds the council's data.
    """
    if options.freeze and not options.yes:
        confirm_freeze(context, leaver)  # before anybody is kept from working by a question that waits for its answer
    check_results: list[CheckResult] = []
    # A rehearsal, which stands stacks up, has a state of its own and comes after.
    with hold_stacks(context, leaver.stacks):
        if options.freeze or options.thaw:
            check_results += freeze_or_thaw(leaver, freeze=options.freeze)
        if options.export:
            check_results += export_and_prove(context, leaver, validation, options.export)
        if options.remove:
            check_results += remove_data(context, leaver, options.remove, options.confirm)
    return check_results
