"""The text of an `active.yaml`: which instances are failed over, in the one form in which `failover` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from moothall.language.edit.files import create, failed, rewrite
from moothall.language.edit.yaml_writer import InQuotes, definition
from moothall.model.written import Active

_HEAD = """\
# yaml-language-server: $schema=../../schemas/active.schema.json
# Written by `moothall failover` and `moothall failback`: commit it, and do not edit it.
"""


def write(root: Path, path: str, before: str | None, actives: Mapping[str, Active]) -> None:
    """Have the file at `path` below `root` say what is failed over, and not be there when nothing is.

    `before` is the text that was read, None where there was no file. Raises OperationError when it cannot be written.
    """
    if not actives:
        try:
            (root / path).unlink(missing_ok=True)
        except OSError as error:
            raise failed(root / path, error) from error
    elif before is None:
        create(root / path, text(actives))
    else:
        rewrite(root, {path: (before, text(actives))})


def text(actives: Mapping[str, Active]) -> str:
    """Return the file that says what is failed over; instances by name."""
    return _HEAD + definition("Active", {"instances": {name: _entry(actives[name]) for name in sorted(actives)}})


def _entry(active: Active) -> Mapping[str, object]:
    since, why = InQuotes(active.since), InQuotes(active.why)
    return {"site": active.site, "since": since, "timeline": active.timeline, "why": why}
