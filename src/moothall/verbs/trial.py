"""A copy of the definitions to try a change on, so that what would come of it is known before anything is written."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from moothall.failures import Failure


@contextmanager
def trial(root: Path) -> Iterator[Path]:
    """Give a root that holds copies of the definitions below `root`; it is gone afterwards.

    Raises Failure when something cannot be copied.
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
        what = f"there is no room to try the change: {error.strerror}"
        mend = "df /tmp  # or have TMPDIR name a folder with room"
        raise Failure(what, left="Nothing was touched.", mend=mend) from error


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copytree(source, target, symlinks=True, copy_function=_file)
    except shutil.Error as several:  # each as source, target and reason
        first, _, why = several.args[0][0]
        more = f" (and {len(several.args[0]) - 1} more)" if len(several.args[0]) > 1 else ""
        raise _refused(f"{first}{more}", why, target) from several
    except OSError as error:
        raise _refused(str(error.filename or source), error.strerror or str(error), target) from error


def _refused(what: str, why: str, target: Path) -> Failure:
    reason = re.sub(r"^\[Errno \d+\] |: '.*", "", why)
    mend = f"ls -l {what.partition(' (')[0]}; df {target.parent}"
    return Failure(f"{what} cannot be copied to try the change: {reason}", left="Nothing was touched.", mend=mend)


def _file(source: str, target: str) -> None:
    """Copy a plain file; nothing else is a definition."""
    if os.path.isfile(source):
        shutil.copyfile(source, target)
