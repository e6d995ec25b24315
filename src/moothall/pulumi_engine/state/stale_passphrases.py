"""Passphrases in clear that versions before this one kept beside a state while Pulumi's CLI ran, and left there after
a kill."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from moothall.pulumi_engine.errors import Locked
from moothall.pulumi_engine.state import lock
from moothall.pulumi_engine.state.backend import Backend
from moothall.pulumi_engine.steps.observer import SILENT


def clear_passphrase_files(state: Path) -> list[Path]:
    """The files below a state that hold its passphrase in clear."""
    return sorted((state / "pulumi").glob("*/passphrase"))


def sweep(backend: Backend, project: str) -> None:
    """Remove them, but for those of stacks that somebody works on: an older version may need its file yet."""
    for path in clear_passphrase_files(backend.root):
        with suppress(Locked), lock.hold_flock(backend, project, path.parent.name, SILENT):
            path.unlink(missing_ok=True)
