"""Files that a running container takes in place: those that its own label names, with the command that has them read.

Pulumi's Docker provider makes a container anew for every changed upload. A container that carries this label says that
it can do better: `{"files": [paths], "command": [words]}`. The command runs in the container after the files were put
into it; no words mean that nothing has to be told. A job that has ended just gets the files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moothall.engine.kinds import labels
from moothall.engine.values import Value, plain

LABEL = "moothall.refresh"


@dataclass(frozen=True)
class Refresh:
    """What a container takes in place, and the command that has it read."""

    files: frozenset[str]
    command: tuple[str, ...]


def refresh_of(inputs: Mapping[str, Any]) -> Refresh | None:
    """Return what a container with these inputs says that it takes in place, None if it says nothing."""
    text = labels(inputs).get(LABEL)
    if text is None:
        return None
    said = json.loads(text)
    return Refresh(frozenset(said["files"]), tuple(said["command"]))


def takes_in_place(old: Mapping[str, Value], new: Mapping[str, Value]) -> bool:
    """Say whether the uploads differ in nothing but the content of files that the container takes in place."""
    refresh = refresh_of(new)
    if refresh is None or refresh != refresh_of(old):
        return False
    before, after = _fixed(old, refresh), _fixed(new, refresh)
    return before == after


def _fixed(inputs: Mapping[str, Value], refresh: Refresh) -> dict[str, Any]:
    """Return all that may not change about the uploads, by path."""
    uploads: Any = plain(inputs).get("uploads") or ()
    return {
        item["file"]: (item.get("permissions"), None if item["file"] in refresh.files else item.get("content"))
        for item in uploads
    }
