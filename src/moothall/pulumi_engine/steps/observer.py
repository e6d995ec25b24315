"""Progress of an operation, told to whoever wants to know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from moothall.pulumi_engine.steps.outcome import Step


class Observer(Protocol):
    """Told about steps as they happen. Calls come from several threads, never two at once for one stack."""

    def steps_planned(self, stack: str, steps: Sequence[Step]) -> None:
        """All steps that will be tried, before the first one starts."""

    def step_started(self, stack: str, step: Step) -> None:
        """The step begins."""

    def step_finished(self, stack: str, step: Step, seconds: float) -> None:
        """The step is done and recorded."""

    def step_failed(self, stack: str, step: Step, message: str) -> None:
        """The step failed; what can be done without it goes on."""

    def note(self, stack: str, text: str) -> None:
        """A remark for people, such as a taken-over lock."""


class Silent:
    """An observer that tells nobody."""

    def steps_planned(self, stack: str, steps: Sequence[Step]) -> None:
        """Ignore."""

    def step_started(self, stack: str, step: Step) -> None:
        """Ignore."""

    def step_finished(self, stack: str, step: Step, seconds: float) -> None:
        """Ignore."""

    def step_failed(self, stack: str, step: Step, message: str) -> None:
        """Ignore."""

    def note(self, stack: str, text: str) -> None:
        """Ignore."""


SILENT: Observer = Silent()
