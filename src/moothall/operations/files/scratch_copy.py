"""A copy of the definitions to try a change on, so that what would come of it is known before anything is written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from moothall.failures import OperationError, describe_os_error


@contextmanager
def trial(root: Path) -> Iterator[Path]:
    """Yield a temporary root with copies of the definitions below `root`; it is removed afterwards.

    Raises OperationError when something cannot be copied.
    """
    with _folder() as folder:
        for part in ("partnerships", "modules"):
            if (root / part).is_dir():
                _copy(root / part, Path(folder) / part)
        yield Path(folder)


def _folder() -> TemporaryDirectory[str]:
    try:
        return TemporaryDirectory(prefix="moothall-")
    except OSError as error:
        message = f"there is no room to try the change: {error.strerror}"
        hint = "df /tmp  # or have TMPDIR name a folder with room"
        raise OperationError(message, state="Nothing was touched.", hint=hint) from error


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copytree(source, target, symlinks=True, copy_function=_file)
    except OSError as error:
        file, reason = describe_os_error(error, str(source))
        hint = f"ls -l {file.partition(' (')[0]}; df {target.parent}"
        message = f"{file} cannot be copied to try the change: {reason}"
        raise OperationError(message, state="Nothing was touched.", hint=hint) from error


def _file(source: str, target: str) -> None:
    """Copy a plain file; nothing else is a definition."""
    if os.path.isfile(source):
        shutil.copyfile(source, target)
