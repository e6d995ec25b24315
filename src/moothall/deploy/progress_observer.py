"""Hands the engine's news on to whoever shows progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from moothall.ports import Progress
from moothall.pulumi_engine.steps.events import event_log
from moothall.pulumi_engine.steps.observer import Observer
from moothall.pulumi_engine.steps.outcome import Outcome, Step


class Watcher:
    """An observer of the engine that tells a progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def planned(self, stack: str, steps: Sequence[Step]) -> None:
        """Nothing to tell: the steps speak for themselves."""

    def step_started(self, stack: str, step: Step) -> None:
        """Tell of a step that changes something on the engine."""
        if step.physical:
            self._progress.started(stack, _words(step))

    def step_finished(self, stack: str, step: Step, seconds: float) -> None:
        """Tell that it is done."""
        if step.physical:
            self._progress.finished(stack, _words(step), seconds)

    def step_failed(self, stack: str, step: Step, message: str) -> None:
        """Tell that it failed."""
        self._progress.failed(stack, _words(step), message)

    def note(self, stack: str, text: str) -> None:
        """Tell the remark."""
        self._progress.stage(f"{stack}: {text}")


def told(folder: Path | None, stack: str, progress: Progress, work: Callable[[Observer], Outcome]) -> Outcome:
    """Do the work on a stack, and tell a progress; with a folder also write its events there, one file a stack."""
    watcher = Watcher(progress)
    if folder is None:
        return work(watcher)
    with event_log(folder / f"{stack}.jsonl", watcher) as log:
        outcome = work(log)
        log.end(outcome)
    return outcome


def _words(step: Step) -> str:
    return f"{step.op} {step.name}"
