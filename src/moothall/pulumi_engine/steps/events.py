"""What an operation does as Pulumi's own event stream, one JSON object a line, for tools that read `--event-log`.

Form: `sdk/go/common/apitype/events.go`. The states in it hold the name of the Docker object alone: inputs and outputs,
and with them every secret, stay in the checkpoint.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from moothall import private
from moothall.pulumi_engine.protocol.values import Json
from moothall.pulumi_engine.steps.observer import Observer
from moothall.pulumi_engine.steps.outcome import Outcome, Step

_OLD = frozenset({"same", "update", "replace", "create-replacement", "delete-replaced", "delete"})
_NEW = frozenset({"same", "update", "replace", "create-replacement", "create"})
_LOGICAL = frozenset({"replace"})


class EventLog:
    """An observer that writes events and tells everything on to another observer."""

    def __init__(self, file: TextIO, observer: Observer) -> None:
        self._file = file
        self._observer = observer
        self._sequence = 0
        self._reported_urns: set[str] = set()
        self._start_time = time.monotonic()
        self._write("preludeEvent", {"config": {}})

    def steps_planned(self, stack: str, steps: Sequence[Step]) -> None:
        """Tell on; what is done is written when it is done."""
        self._observer.steps_planned(stack, steps)

    def step_started(self, stack: str, step: Step) -> None:
        """Write the first event of a step; a replacement begins with the delete."""
        self._reported_urns.add(step.urn)
        self._write_pre_event(step, "delete-replaced" if step.op == "replace" else step.op)
        self._observer.step_started(stack, step)

    def step_finished(self, stack: str, step: Step, seconds: float) -> None:
        """Write the other events of a step."""
        if step.op == "replace":
            self._write_outputs_event(step, "delete-replaced")
            for op in ("replace", "create-replacement"):
                self._write_pre_event(step, op)
                self._write_outputs_event(step, op)
        else:
            self._write_outputs_event(step, step.op)
        self._observer.step_finished(stack, step, seconds)

    def step_failed(self, stack: str, step: Step, message: str) -> None:
        """Write why, and that it failed."""
        self._write_diagnostic("error", message, step.urn)
        self._write("resOpFailedEvent", {"metadata": metadata(step, step.op), "status": 0, "steps": 0})
        self._observer.step_failed(stack, step, message)

    def note(self, stack: str, text: str) -> None:
        """Write a remark."""
        self._write_diagnostic("info", text, "")
        self._observer.note(stack, text)

    def end(self, outcome: Outcome) -> None:
        """Write what was told of nowhere else, unchanged resources and the steps of a preview, and the summary."""
        is_preview = outcome.status == "previewed"
        for step in outcome.steps:
            if step.urn not in self._reported_urns and (is_preview or step.op == "same"):
                self._write_pre_event(step, step.op, planning=is_preview)
                self._write_outputs_event(step, step.op, planning=is_preview)
        for failure in outcome.failures:
            if failure.urn not in self._reported_urns:
                self._write_diagnostic("error", failure.message, failure.urn)
        changes = Counter(step.op for step in outcome.steps)
        summary = {
            "maybeCorrupt": False,
            "durationSeconds": int(time.monotonic() - self._start_time),
            "resourceChanges": dict(changes),
            "PolicyPacks": {},
            "isPreview": is_preview,
            "result": "failed" if outcome.status in ("failed", "interrupted") else "succeeded",
        }
        self._write("summaryEvent", summary)
        self._write("cancelEvent", {})

    def _write_pre_event(self, step: Step, op: str, *, planning: bool = False) -> None:
        self._write("resourcePreEvent", _body(step, op, planning=planning))

    def _write_outputs_event(self, step: Step, op: str, *, planning: bool = False) -> None:
        self._write("resOutputsEvent", _body(step, op, planning=planning))

    def _write_diagnostic(self, severity: str, message: str, urn: str) -> None:
        diagnostic = {"message": message, "color": "never", "severity": severity}
        self._write("diagnosticEvent", {**diagnostic, "urn": urn} if urn else diagnostic)

    def _write(self, kind: str, body: Json) -> None:
        event = {"sequence": self._sequence, "timestamp": int(time.time()), kind: body}
        self._sequence += 1
        self._file.write(json.dumps(event) + "\n")
        self._file.flush()


@contextmanager
def event_log(path: Path, observer: Observer) -> Iterator[EventLog]:
    """Write the events of one operation to a file, which is recreated."""
    private.folder(path.parent)
    with TextIOWrapper(private.open_private(path), encoding="utf-8") as file:
        yield EventLog(file, observer)


def detailed_diff(step: Step, kind_word: str = "diffKind") -> dict[str, Json] | None:
    """The changed paths of a step as Pulumi writes them: `diffKind` in events, `kind` in a preview's JSON."""
    if not step.diff:
        return None
    kinds = dict(zip(step.diff, step.kinds, strict=False))
    return {
        path: {
            kind_word: kinds.get(path, "update") + ("-replace" if path in step.replace_keys else ""),
            "inputDiff": False,
        }
        for path in step.diff
    }


def top_level_properties(paths: Sequence[str]) -> list[str]:
    """The top-level properties of paths, sorted."""
    return sorted({path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0] for path in paths})


def metadata(step: Step, op: str) -> dict[str, Json]:
    """The metadata of an event."""
    state = {"type": step.type, "urn": step.urn, "inputs": {"name": step.physical} if step.physical else {}}
    members: dict[str, Json] = {
        "op": op,
        "urn": step.urn,
        "type": step.type,
        "old": state if op in _OLD else None,
        "new": state if op in _NEW else None,
        "detailedDiff": None if op == "delete-replaced" else detailed_diff(step),
        "provider": "",
    }
    if op in ("update", "replace", "create-replacement"):
        members["diffs"] = top_level_properties(step.diff)
    if op in ("replace", "create-replacement"):
        members["keys"] = top_level_properties(step.replace_keys)
    return members | ({"logical": True} if op in _LOGICAL else {})


def _body(step: Step, op: str, *, planning: bool) -> dict[str, Json]:
    return {"metadata": metadata(step, op)} | ({"planning": True} if planning else {})
