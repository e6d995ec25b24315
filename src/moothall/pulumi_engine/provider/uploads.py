"""Files put into a container that does not run, as a tar archive for its root, as Pulumi's Docker provider does it.

Docker unpacks through the mounts of the container, so that a file below one lands in that volume. It refuses the root
of a container that is read-only, whatever is mounted (`daemon/archive_unix.go`): `resource_types.check` refuses that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moothall.docker_engine.tar import Entry, pack_tar

ROOT = "/"


def archive(uploads: Sequence[Mapping[str, Any]]) -> bytes:
    """The uploads as an archive for `ROOT`; the files belong to root:root."""
    return pack_tar(_entry(upload) for upload in uploads)


def _entry(upload: Mapping[str, Any]) -> Entry:
    mode = int(upload.get("permissions") or "0644", 8)
    return Entry(str(upload["file"]).lstrip("/"), str(upload.get("content", "")).encode(), mode)
