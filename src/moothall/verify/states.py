"""Whether the states of all stacks can be worked on; for `doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.outcome import FAILED, PASSED, SKIPPED, CheckResult
from moothall.pulumi_engine import Backend, EngineError
from moothall.pulumi_engine.state import checkpoint


def states(backend: Backend) -> Iterator[CheckResult]:
    """Say of each stack whose state cannot be worked on why, with what mends it; one result where all can."""
    subject = "States of stacks"
    paths = [*backend.folder.glob("stacks/*/*.json")]
    broken_count = 0
    for path in sorted(paths):
        try:
            checkpoint.load(backend, path.parent.name, path.stem)
        except EngineError as error:
            broken_count += 1
            yield CheckResult("states", subject, FAILED, error.message, hint=error.hint)
    if not paths:
        yield CheckResult("states", subject, SKIPPED, "there is none yet")
    elif not broken_count:
        yield CheckResult("states", subject, PASSED, f"{len(paths)} can be worked on")
