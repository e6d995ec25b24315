"""Whether the states of all stacks can be worked on; for `doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.outcome import FAILED, PASSED, SKIPPED, CheckResult
from moothall.pulumi_engine import Backend, EngineError
from moothall.pulumi_engine.state import checkpoint


def states(backend: Backend) -> Iterator[CheckResult]:
    """Say of each stack whose state cannot be worked on why, with what mends it; one result where all can."""
    subject = "States of stacks"
    found = [*backend.folder.glob("stacks/*/*.json")]
    broken = 0
    for path in sorted(found):
        try:
            checkpoint.load(backend, path.parent.name, path.stem)
        except EngineError as error:
            broken += 1
            yield CheckResult("states", subject, FAILED, error.message, hint=error.hint)
    if not found:
        yield CheckResult("states", subject, SKIPPED, "there is none yet")
    elif not broken:
        yield CheckResult("states", subject, PASSED, f"{len(found)} can be worked on")
