"""Files that are exchanged under a running container: those that the label of their uploader names.

Pulumi's Docker provider makes an uploader anew for every changed upload, and whoever mounts the files has to notice.
An uploader that carries this label says that it can be done better:
`{"files": [paths], "container": name, "command": [words]}`. The files are put where they are, and then the command
runs in the named container, if that runs; no words mean that nothing has to be told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moothall.pulumi_engine.protocol.resource_types import labels
from moothall.pulumi_engine.protocol.values import Value, plain

LABEL = "moothall.refresh"


@dataclass(frozen=True)
class Refresh:
    """The files that are exchanged in place, the container that uses them, and the command that has it read them."""

    files: frozenset[str]
    container: str
    command: tuple[str, ...]


def refresh_of(inputs: Mapping[str, Any]) -> Refresh | None:
    """Return what an uploader with these inputs says is exchanged in place, None if it says nothing (versions before
    0026 had another form of the label, on the containers themselves)."""
    data = json.loads(labels(inputs).get(LABEL, "{}"))
    if "container" not in data:
        return None
    return Refresh(frozenset(data["files"]), str(data["container"]), tuple(data["command"]))


def takes_in_place(old: Mapping[str, Value], new: Mapping[str, Value]) -> bool:
    """Say whether the uploads differ in nothing but the content of files that are exchanged in place."""
    refresh = refresh_of(new)
    if refresh is None or refresh != refresh_of(old):
        return False
    before, after = _unchangeable_parts(old, refresh), _unchangeable_parts(new, refresh)
    return before == after


def _unchangeable_parts(inputs: Mapping[str, Value], refresh: Refresh) -> dict[str, Any]:
    """Return all that may not change about the uploads, by path."""
    uploads: Any = plain(inputs).get("uploads") or ()
    return {
        item["file"]: (item.get("permissions"), None if item["file"] in refresh.files else item.get("content"))
        for item in uploads
    }
