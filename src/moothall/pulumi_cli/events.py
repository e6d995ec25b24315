"""What the CLI tells while it works, as steps and failures in our own words.

A replacement is told as three events (`delete-replaced`, `replace`, `create-replacement`) and is one step here.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable

from pulumi.automation.events import DiagnosticEvent, DiffKind, EngineEvent, OpType, StepEventMetadata

from moothall.pulumi_cli.address import redact_address
from moothall.pulumi_cli.cli_errors import cause
from moothall.pulumi_engine.protocol.resource_types import KINDS
from moothall.pulumi_engine.protocol.urns import name_of
from moothall.pulumi_engine.protocol.values import is_sealed
from moothall.pulumi_engine.state.redact import redact
from moothall.pulumi_engine.steps.observer import Observer
from moothall.pulumi_engine.steps.outcome import FailedStep, Op, Step

_OPS: dict[str, Op] = {"create": "create", "update": "update", "replace": "replace", "delete": "delete", "same": "same"}
_STARTING_OPS: dict[str, Op] = {
    "create": "create",
    "update": "update",
    "create-replacement": "replace",
    "delete": "delete",
}
UNFINISHED = "it had begun, and nothing more was heard of it"
_COLOUR = re.compile(r"<\{%[^%]*%\}>")


class Listener:
    """Hears the events of one run; they come from the threads of a server."""

    def __init__(self, stack: str, observer: Observer, secrets: Iterable[str], url: str) -> None:
        self.steps: list[Step] = []
        self.failures: list[FailedStep] = []
        self._stack = stack
        self._observer = observer
        self._secrets = secrets
        self._url = url
        self._open_steps: dict[str, tuple[Step, float]] = {}
        self._lock = threading.Lock()

    def hear(self, event: EngineEvent) -> None:
        """Take note of one event."""
        with self._lock:
            if event.resource_pre_event:
                self._on_resource_pre(event.resource_pre_event.metadata)
            elif event.res_outputs_event:
                self._on_resource_outputs(event.res_outputs_event.metadata)
            elif event.diagnostic_event and event.diagnostic_event.severity == "error":
                self._on_diagnostic(event.diagnostic_event)

    def unfinished_steps(self) -> list[FailedStep]:
        """Return the steps that started and for which no end event came."""
        with self._lock:
            open_steps = [(urn, step.name) for urn, (step, _) in self._open_steps.items() if step.physical]
            return [FailedStep(urn, name, UNFINISHED) for urn, name in open_steps]

    def clean(self, text: str) -> str:
        """A text of the CLI without its colours and without any secret; the state's backend is only named in it."""
        return redact(redact_address(_COLOUR.sub("", text), self._url), self._secrets, self._stack).strip()

    def _on_resource_pre(self, metadata: StepEventMetadata) -> None:
        word = OpType(metadata.op).value
        if word in _OPS:
            self.steps.append(step_of(metadata, _OPS[word]))
        if word in _STARTING_OPS:
            step = step_of(metadata, _STARTING_OPS[word])
            self._open_steps[metadata.urn] = step, time.monotonic()
            self._observer.step_started(self._stack, step)

    def _on_resource_outputs(self, metadata: StepEventMetadata) -> None:
        if OpType(metadata.op).value in _STARTING_OPS and metadata.urn in self._open_steps:
            step, started_at = self._open_steps.pop(metadata.urn)
            self._observer.step_finished(self._stack, step, time.monotonic() - started_at)

    def _is_reported(self, urn: str, message: str) -> bool:
        """Return whether this failure was reported before, in a longer or shorter message."""
        messages = (failure.message for failure in self.failures if urn in (failure.urn, ""))
        return any(message in reported or reported in message for reported in messages)

    def _on_diagnostic(self, diagnostic: DiagnosticEvent) -> None:
        message, urn = cause(self.clean(diagnostic.message)), diagnostic.urn or ""
        if not message or self._is_reported(urn, message):
            return
        self.failures.append(FailedStep(urn, name_of(urn) if urn else "", message))
        if urn in self._open_steps:
            self._observer.step_failed(self._stack, self._open_steps.pop(urn)[0], message)


def step_of(metadata: StepEventMetadata, op: Op) -> Step:
    """One event as a step."""
    state = metadata.new or metadata.old
    inputs = (state.inputs if state else None) or {}
    old = metadata.old
    detailed = metadata.detailed_diff or {}
    replacing = tuple(path for path, diff in detailed.items() if DiffKind(diff.diff_kind).value.endswith("-replace"))
    paths = () if op in ("same", "create", "delete") else tuple(sorted(detailed) or metadata.diffs or ())
    kinds = tuple(
        DiffKind(detailed[path].diff_kind).value.removesuffix("-replace") for path in paths if path in detailed
    )
    physical = inputs.get("name", "")
    return Step(
        op=op,
        urn=metadata.urn,
        type=metadata.type,
        name=name_of(metadata.urn),
        diff=paths,
        kinds=kinds,
        replace_keys=tuple(sorted(replacing or metadata.keys or ())) if op == "replace" else (),
        physical=physical if metadata.type in KINDS and isinstance(physical, str) and not is_sealed(physical) else "",
        protected=bool((state and state.protect) or (old and old.protect)),
        retained=op == "delete" and bool(old and old.retain_on_delete),
    )
