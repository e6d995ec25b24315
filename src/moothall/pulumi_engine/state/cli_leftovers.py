"""What Pulumi's own CLI leaves in a state directory beside the states, and killed runs of either engine: it grows with
each run, and some of it opens with the passphrase of that time.

Copies of states stand below `.pulumi/backups` (`pkg/backend/diy/state.go`). What one stack has with Pulumi, its
settings and the CLI's logs, stands in a room of its own, `pulumi/STACK` (`pulumi_cli/workspace.py`).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from moothall import json_text
from moothall.pulumi_engine.errors import BadPassphrase
from moothall.pulumi_engine.state import history, lock
from moothall.pulumi_engine.state.backend import Backend
from moothall.pulumi_engine.state.passphrase import Passphrase

KEPT_LOGS = 5
"""Logs of the CLI that are kept of a stack; each run writes one or two, of some hundred kilobytes."""
_SALT_LINE = re.compile(rb"v1:[A-Za-z0-9+/]{4,}=*:v1:[A-Za-z0-9+/]{4,}=*:[A-Za-z0-9+/]{4,}=*")


def backups(backend: Backend, project: str, stack: str) -> list[Path]:
    """The copies that Pulumi made of a stack's state, the newest first: nanoseconds are in their names."""
    copies = (backend.folder / "backups" / project / stack).glob(f"{stack}.*.json*")
    return sorted((path for path in copies if path.suffix != ".attrs"), reverse=True)


def stacks(backend: Backend, project: str) -> set[str]:
    """The names of the stacks of whose states there are copies."""
    return {path.name for path in (backend.folder / "backups" / project).glob("*/")}


def prune(backend: Backend, project: str, stack: str) -> None:
    """Delete what has grown old: of versions and copies of the state as many stay as of our own, and the last few logs.

    For who holds the lock of the stack. What cannot be deleted stays, and is no reason to fail.
    """
    remove_broken_attributes(backend, project, stack)
    lock.sweep(backend, project, stack)
    with contextlib.suppress(OSError):
        history.prune(backend, project, stack, history.KEPT_VERSIONS)
        history.remove(backups(backend, project, stack)[history.KEPT_VERSIONS :])
        history.remove(_logs(backend, stack)[KEPT_LOGS:])


def broken_attributes(backend: Backend, project: str, stack: str) -> Path | None:
    """The file of attributes beside a stack's state, if there is one and it is not whole.

    The CLI does without one, but writes it in place: a killed run may leave it empty, and then no run of the CLI can
    read the state any more (`failed to load checkpoint: EOF`; gocloud.dev/blob/fileblob). Raises OSError.
    """
    checkpoint = backend.checkpoint(project, stack)
    attributes = checkpoint.with_name(f"{checkpoint.name}.attrs")
    try:
        json_text.parse(attributes.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        return attributes
    return None


def remove_broken_attributes(backend: Backend, project: str, stack: str) -> None:
    """Delete that file; for who holds the lock of the stack. What cannot be deleted stays, and the CLI says so."""
    with contextlib.suppress(OSError):
        if broken := broken_attributes(backend, project, stack):
            broken.unlink()


def files_opened_by(backend: Backend, passphrase: str) -> Iterator[Path]:
    """The files of engines in a state directory that a passphrase opens, but for states: by the check word of a salt
    line, or because they are logs of the CLI, which are sealed with it. One that holds a passphrase is another.
    """
    rooms = backend.root / "pulumi"
    yield from rooms.glob("*/home/logs/*")
    yield from rooms.glob("*/passphrase")
    for path in _files(backend.folder, rooms):
        lines = () if _is_state(backend, path) else set(_SALT_LINE.findall(path.read_bytes()))
        if any(_opens(line, passphrase) for line in lines):
            yield path


def _logs(backend: Backend, stack: str) -> list[Path]:
    """The logs of the CLI's runs on a stack, the newest first."""
    logs = (backend.root / "pulumi" / stack).glob("home/logs/*")
    return sorted(logs, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _is_state(backend: Backend, path: Path) -> bool:
    """Whether this could be the only state of a stack, of whatever project, also one that Pulumi has compressed."""
    is_checkpoint_path = path.is_relative_to(backend.folder / "stacks") and not path.name.startswith(".")
    return is_checkpoint_path and path.suffix in (".json", ".gz", ".zst")


def _opens(salt_line: bytes, passphrase: str) -> bool:
    try:
        Passphrase(passphrase, salt_line.decode())
    except BadPassphrase:
        return False
    return True
