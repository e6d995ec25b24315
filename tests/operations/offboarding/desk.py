"""Somebody who carries a council out of the partnership in memory."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.dales import DAY
from tests.fakes.machine import Machine

from moothall.model.outcome import CheckResult
from moothall.operations.context import Context
from moothall.operations.offboarding.leaver import find, leaver
from moothall.operations.offboarding.steps import StepOptions, carry_out
from moothall.validation.validate import validate

Results = list[CheckResult]


class Desk:
    """Somebody who carries carlin out; each step is a process of its own."""

    def __init__(self, context: Context, machine: Machine, folder: Path) -> None:
        self.context = context
        self.machine = machine
        self.target = folder / "export"
        self.day = DAY

    def freeze(self, *, yes: bool = True) -> Results:
        """Freeze."""
        return self.carry_out(StepOptions(freeze=True, yes=yes))

    def thaw(self) -> Results:
        """Thaw."""
        return self.carry_out(StepOptions(thaw=True))

    def export(self, council: str = "carlin") -> Results:
        """Export, with the proof."""
        return self.carry_out(StepOptions(export=self.target), council)

    def remove(self, confirmed: str | None = "carlin", council: str = "carlin") -> Results:
        """Remove."""
        return self.carry_out(StepOptions(remove=self.target, confirm=confirmed), council)

    def carry_out(self, options: StepOptions, council: str = "carlin") -> Results:
        """Do steps as the command does them."""
        context = self.context._replace(as_of=self.day)
        loaded = validate(context.root, self.day)
        who = leaver(context, *find(context, council, loaded.definitions.folders))
        return carry_out(context, who, loaded, options)
