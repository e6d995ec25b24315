"""A small image of our own for tests on a real engine: one static busybox, and nothing is pulled."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import docker

IMAGE = "moothall-engine-test:busybox"
APPLETS = ("sh", "sleep", "cat", "test", "true", "false", "echo", "id", "stat", "wget", "nc", "ls", "seq")


def have_image(client: docker.APIClient) -> str:
    """Make the image, if the engine does not have it, and return its name."""
    if not client.images(IMAGE):
        binary = shutil.which("busybox")
        assert binary, "tools/prepare tests installs busybox-static"
        name, tag = IMAGE.split(":")
        client.import_image_from_data(packed(Path(binary)), repository=name, tag=tag)
    return IMAGE


def packed(binary: Path) -> bytes:
    """A root file system with busybox and its applets, as a tar archive."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for folder in ("bin", "tmp", "etc"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            tar.addfile(entry)
        tar.add(binary, "bin/busybox")
        for applet in APPLETS:
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)
    return archive.getvalue()
