"""What the CLI tells while it works, as steps and failures in our own words.

A replacement is told as three events (`delete-replaced`, `replace`, `create-replacement`) and is one step here.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable

from pulumi.automation.events import DiagnosticEvent, DiffKind, EngineEvent, OpType, StepEventMetadata

from moothall.pulumi_cli.address import hidden
from moothall.pulumi_cli.cli_errors import cause
from moothall.pulumi_engine.protocol.resource_types import KINDS
from moothall.pulumi_engine.protocol.urns import name_of
from moothall.pulumi_engine.protocol.values import is_sealed
from moothall.pulumi_engine.state.redact import redact
from moothall.pulumi_engine.steps.observer import Observer
from moothall.pulumi_engine.steps.outcome import FailedStep, Op, Step

_OPS: dict[str, Op] = {"create": "create", "update": "update", "replace": "replace", "delete": "delete", "same": "same"}
_BEGUN: dict[str, Op] = {"create": "create", "update": "update", "create-replacement": "replace", "delete": "delete"}
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
        self._begun: dict[str, tuple[Step, float]] = {}
        self._lock = threading.Lock()

    def hear(self, event: EngineEvent) -> None:
        """Take note of one event."""
        with self._lock:
            if event.resource_pre_event:
                self._before(event.resource_pre_event.metadata)
            elif event.res_outputs_event:
                self._after(event.res_outputs_event.metadata)
            elif event.diagnostic_event and event.diagnostic_event.severity == "error":
                self._failed(event.diagnostic_event)

    def unfinished(self) -> list[FailedStep]:
        """What had begun, and of which nothing more was said."""
        with self._lock:
            begun = [(urn, step.name) for urn, (step, _) in self._begun.items() if step.physical]
            return [FailedStep(urn, name, UNFINISHED) for urn, name in begun]

    def clean(self, text: str) -> str:
        """A text of the CLI without its colours and without any secret; the state's backend is only named in it."""
        return redact(hidden(_COLOUR.sub("", text), self._url), self._secrets, self._stack).strip()

    def _before(self, found: StepEventMetadata) -> None:
        word = OpType(found.op).value
        if word in _OPS:
            self.steps.append(step_of(found, _OPS[word]))
        if word in _BEGUN:
            step = step_of(found, _BEGUN[word])
            self._begun[found.urn] = step, time.monotonic()
            self._observer.step_started(self._stack, step)

    def _after(self, found: StepEventMetadata) -> None:
        if OpType(found.op).value in _BEGUN and found.urn in self._begun:
            step, began = self._begun.pop(found.urn)
            self._observer.step_finished(self._stack, step, time.monotonic() - began)

    def _told(self, urn: str, message: str) -> bool:
        """Whether this was said before, in more words or in less."""
        before = (told.message for told in self.failures if urn in (told.urn, ""))
        return any(message in each or each in message for each in before)

    def _failed(self, found: DiagnosticEvent) -> None:
        message, urn = cause(self.clean(found.message)), found.urn or ""
        if not message or self._told(urn, message):
            return
        self.failures.append(FailedStep(urn, name_of(urn) if urn else "", message))
        if urn in self._begun:
            self._observer.step_failed(self._stack, self._begun.pop(urn)[0], message)


def step_of(found: StepEventMetadata, op: Op) -> Step:
    """One event as a step."""
    state = found.new or found.old
    inputs = (state.inputs if state else None) or {}
    old = found.old
    detailed = found.detailed_diff or {}
    replacing = tuple(path for path, diff in detailed.items() if DiffKind(diff.diff_kind).value.endswith("-replace"))
    paths = () if op in ("same", "create", "delete") else tuple(sorted(detailed) or found.diffs or ())
    kinds = tuple(
        DiffKind(detailed[path].diff_kind).value.removesuffix("-replace") for path in paths if path in detailed
    )
    physical = inputs.get("name", "")
    return Step(
        op=op,
        urn=found.urn,
        type=found.type,
        name=name_of(found.urn),
        diff=paths,
        kinds=kinds,
        replace_keys=tuple(sorted(replacing or found.keys or ())) if op == "replace" else (),
        physical=physical if found.type in KINDS and isinstance(physical, str) and not is_sealed(physical) else "",
        protected=bool((state and state.protect) or (old and old.protect)),
        retained=op == "delete" and bool(old and old.retain_on_delete),
    )
