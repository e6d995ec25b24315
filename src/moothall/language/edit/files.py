"""Files read and written to the byte: a byte order mark and every line ending stay."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import Path

from moothall import atomic_file
from moothall.failures import OperationError, hint_of

AGAIN = "moothall validate"
_SHARED = 0o666
"""The mode of a definition, as an editor makes it."""


def rewrite(root: Path, changes: Mapping[str, tuple[str, str]]) -> None:
    """Write new texts in place of old ones, each file in one step: by path below `root`, the old and the new text.

    Raises OperationError when a file cannot be written, or has changed since it was read.
    """
    places = {path: root / path for path in changes}
    marks = {path: _mark(places[path], old_text) for path, (old_text, _) in changes.items()}
    for path, (_, new_text) in changes.items():
        _replace(places[path], marks[path] + new_text.encode())


def create(place: Path, text: str) -> None:
    """Write a new file in one step; its folder is made if it is not there.

    Raises OperationError when it cannot be written or is there already.
    """
    try:
        place.parent.mkdir(exist_ok=True)
        is_new = atomic_file.create(place, text.encode(), durable=True, mode=_SHARED)
    except OSError as error:
        raise write_failure(place, error) from error
    if not is_new:
        raise OperationError(f"{place} is there already", state="Nothing was touched.", hint=AGAIN)


def _mark(place: Path, old_text: str) -> bytes:
    """Return the byte order mark of a file, or nothing; the file must still say what was read."""
    try:
        data = place.read_bytes()
    except OSError as error:
        raise write_failure(place, error) from error
    mark = BOM_UTF8 if data.startswith(BOM_UTF8) else b""
    if data != mark + old_text.encode():
        what = f"{place} was changed by somebody else in the meantime"
        raise OperationError(what, state="Nothing was written.", hint=AGAIN)
    return mark


def _replace(place: Path, data: bytes) -> None:
    try:
        atomic_file.replace(place, data, durable=True, keeps_access=True)
    except OSError as error:
        raise write_failure(place, error) from error


def write_failure(place: Path, error: OSError) -> OperationError:
    """Return the failure that says why a file cannot be written."""
    state = "Every file is whole: as it was or as it should be."
    return OperationError(
        f"{place} cannot be written: {error.strerror}", state=state, hint=hint_of(error, place.parent)
    )
