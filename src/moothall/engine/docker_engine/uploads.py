"""Files put into a container before it starts, as tar archives.

Docker refuses an archive into a read-only root file system but takes one into a mounted volume, also of a container
that is only created; so each file goes in at the deepest volume above it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from moothall.engine.tar import Entry, packed

Inputs = Mapping[str, Any]


def archives(inputs: Inputs) -> dict[str, bytes]:
    """Archives by the folder into which each is to be unpacked; files belong to root:root."""
    volumes = _volume_paths(inputs)
    by_folder: dict[PurePosixPath, list[Inputs]] = {}
    for upload in inputs.get("uploads") or ():
        by_folder.setdefault(_folder(PurePosixPath(upload["file"]), volumes), []).append(upload)
    return {str(folder): packed(_entry(folder, upload) for upload in uploads) for folder, uploads in by_folder.items()}


def _volume_paths(inputs: Inputs) -> list[PurePosixPath]:
    mounts = [item["target"] for item in inputs.get("mounts") or () if item["type"] == "volume"]
    volumes = [item["containerPath"] for item in inputs.get("volumes") or ()]
    return sorted(map(PurePosixPath, [*mounts, *volumes]), key=lambda path: len(path.parts), reverse=True)


def _folder(file: PurePosixPath, volumes: Sequence[PurePosixPath]) -> PurePosixPath:
    return next((path for path in volumes if path in file.parents), PurePosixPath("/"))


def _entry(folder: PurePosixPath, upload: Inputs) -> Entry:
    path = PurePosixPath(upload["file"]).relative_to(folder)
    return Entry(str(path), upload.get("content", "").encode(), int(upload.get("permissions") or "0644", 8))
