"""An observer that forwards the engine's events to a progress display."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from moothall.ports import Progress
from moothall.pulumi_engine.steps.events import event_log
from moothall.pulumi_engine.steps.observer import Observer
from moothall.pulumi_engine.steps.outcome import Outcome, Step


class Watcher:
    """An observer of the engine that reports to a Progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def steps_planned(self, stack: str, steps: Sequence[Step]) -> None:
        """Report nothing: each step is reported when it starts."""

    def step_started(self, stack: str, step: Step) -> None:
        """Report the start of a step that changes something on the engine."""
        if step.physical:
            self._progress.started(stack, _words(step))

    def step_finished(self, stack: str, step: Step, seconds: float) -> None:
        """Report the end of a step and its duration in seconds."""
        if step.physical:
            self._progress.finished(stack, _words(step), seconds)

    def step_failed(self, stack: str, step: Step, message: str) -> None:
        """Report the failure of a step."""
        self._progress.failed(stack, _words(step), message)

    def note(self, stack: str, text: str) -> None:
        """Report a remark about a stack."""
        self._progress.stage(f"{stack}: {text}")


def run_observed(folder: Path | None, stack: str, progress: Progress, work: Callable[[Observer], Outcome]) -> Outcome:
    """Run `work` on a stack with an observer that reports to `progress`, and return its outcome.

    With a folder the events are also written there, to one file per stack.
    """
    watcher = Watcher(progress)
    if folder is None:
        return work(watcher)
    with event_log(folder / f"{stack}.jsonl", watcher) as log:
        outcome = work(log)
        log.end(outcome)
    return outcome


def _words(step: Step) -> str:
    return f"{step.op} {step.name}"
