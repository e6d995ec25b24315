"""The text of an `active.yaml`: which instances are failed over, in the one form in which `failover` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from moothall.language.edit.files import create, rewrite, write_failure
from moothall.language.edit.yaml_writer import QuotedText, definition
from moothall.model.written import Active

_HEAD = """\
# yaml-language-server: $schema=../../schemas/active.schema.json
# Written by `moothall failover` and `moothall failback`: commit it, and do not edit it.
"""


def write(root: Path, path: str, old_text: str | None, actives: Mapping[str, Active]) -> None:
    """Write what is failed over to the file at `path` below `root`; remove the file when nothing is.

    `old_text` is the text that was read, None where there was no file. Raises OperationError when it cannot be written.
    """
    if not actives:
        try:
            (root / path).unlink(missing_ok=True)
        except OSError as error:
            raise write_failure(root / path, error) from error
    elif old_text is None:
        create(root / path, text(actives))
    else:
        rewrite(root, {path: (old_text, text(actives))})


def text(actives: Mapping[str, Active]) -> str:
    """Return the text of the file that records what is failed over, sorted by instance."""
    return _HEAD + definition("Active", {"instances": {name: _entry(actives[name]) for name in sorted(actives)}})


def _entry(active: Active) -> Mapping[str, object]:
    since, why = QuotedText(active.since), QuotedText(active.why)
    return {"site": active.site, "since": since, "timeline": active.timeline, "why": why}
