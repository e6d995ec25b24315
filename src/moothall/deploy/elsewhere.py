"""Which stacks have their state in a backend of Pulumi's and not in the state directory: remembered beside the states.

Whoever looks into the directory alone would find nothing there, and take what stands for gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from moothall.deploy.local_state import read, write

Addresses = Mapping[str, str]
"""The address of the backend, without its user and password, by the name of the stack."""


def of_partnership(state: Path, partnership: str) -> Addresses:
    """Return where the states of a partnership's stacks are, for those that are not in the state directory."""
    record = read(_path(state, partnership))
    return {stack: url for stack, url in sorted(record.items()) if isinstance(url, str)}


def of_all(state: Path) -> Addresses:
    """Return the addresses of the stacks of all partnerships."""
    names = sorted(path.stem for path in _path(state, "").parent.glob("*.json"))
    return {stack: url for name in names for stack, url in of_partnership(state, name).items()}


def remember(state: Path, partnership: str, stacks: Iterable[str], address: str) -> None:
    """Record that the states of stacks are at an address; the others stay on record as they are."""
    write(_path(state, partnership), {**of_partnership(state, partnership), **dict.fromkeys(stacks, address)})


def forget(state: Path, partnership: str, stacks: Iterable[str]) -> None:
    """Forget stacks whose states are in the state directory now, or nowhere."""
    record, forgotten_stacks = of_partnership(state, partnership), set(stacks)
    remaining = {stack: url for stack, url in record.items() if stack not in forgotten_stacks}
    if not remaining:
        _path(state, partnership).unlink(missing_ok=True)
    elif remaining != record:
        write(_path(state, partnership), remaining)


def _path(state: Path, partnership: str) -> Path:
    return state / "backends" / f"{partnership}.json"
