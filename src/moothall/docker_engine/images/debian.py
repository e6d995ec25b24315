"""The ground of all images: a minimal Debian, laid by mmdebstrap and imported, so that no image is ever pulled."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from moothall.failures import OperationError

if TYPE_CHECKING:
    from docker import DockerClient

INSTEAD = "MOOTHALL_BASE_IMAGE"
"""Names an image, pinned by digest and already on the engine, to take in place of laying one."""

_PINNED = re.compile(r"[a-z0-9][!-?A-~]*@sha256:[0-9a-f]{64}")


def lay_base(client: DockerClient, wanted: Mapping[str, list[str]], tag: str, progress: Callable[[str], None]) -> None:
    """Put the Debian of the description `wanted` (suite, variant, leave-out) on the engine as `tag`.

    Raises `OperationError` when mmdebstrap is absent or fails, or when the image of MOOTHALL_BASE_IMAGE is not there.
    """
    if named := instead():
        _adopt(client, named, tag)
        progress(f"{tag}: taken from {named}")
        return
    started = time.monotonic()
    progress(f"{tag}: laying Debian {wanted['suite']}")
    with tempfile.TemporaryDirectory(prefix="moothall-base-") as folder:
        archive = Path(folder) / "base.tar"
        _bootstrap(wanted, archive)
        _import(client, archive, tag)
    progress(f"{tag}: ready after {time.monotonic() - started:.0f} s")


def instead() -> str | None:
    """Return the image that the environment names, if it does. Raises `OperationError` for one that is not pinned."""
    named = os.environ.get(INSTEAD)
    if named and not _PINNED.fullmatch(named):
        raise OperationError(
            f"{INSTEAD} must name an image that is pinned by digest, like debian@sha256:..., and {named!r} does not.",
            state="No image was built.",
            hint=f"unset {INSTEAD}",
        )
    return named


def _bootstrap(wanted: Mapping[str, list[str]], archive: Path) -> None:
    """Write the Debian system to `archive`, with the mirrors that mmdebstrap takes on this machine."""
    leave_out = [f"--dpkgopt=path-exclude={pattern}" for pattern in wanted["leave-out"]]
    command = [_program(), f"--variant={wanted['variant']}", '--aptopt=Acquire::Languages "none"', *leave_out]
    done = subprocess.run([*command, str(wanted["suite"]), str(archive)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OperationError(
            "mmdebstrap could not lay the ground of the images:\n" + "\n".join(done.stderr.splitlines()[-15:]),
            state="No image was built.",
            hint="apt-get update, to see whether Debian's mirror is reached; or set " + INSTEAD,
        )


def _program() -> str:
    """Return the path of mmdebstrap."""
    found = shutil.which("mmdebstrap")
    if not found:
        raise OperationError(
            "The program mmdebstrap, which lays the ground of the images, is not on this machine.",
            state="No image was built.",
            hint="apt-get install mmdebstrap",
        )
    return found


def _import(client: DockerClient, archive: Path, tag: str) -> None:
    """Hand the archive to the engine as an image without layers."""
    repository, _, version = tag.partition(":")
    with archive.open("rb") as stream:
        # A generator, because the SDK announces a chunked body and sends a plain file as it is.
        pieces = iter(lambda: stream.read(1 << 20), b"")
        answer = client.api.import_image_from_stream(pieces, repository=repository, tag=version)
    if '"error"' in answer:
        raise OperationError(
            f"The engine refused the ground of the images: {answer.strip()}",
            state="No image was built.",
            hint="docker system df, to see whether its disk is full",
        )


def _adopt(client: DockerClient, named: str, tag: str) -> None:
    """Tag the image that the environment names, which must be present."""
    from docker.errors import ImageNotFound

    try:
        client.images.get(named).tag(tag)
    except ImageNotFound as error:
        raise OperationError(
            f"{INSTEAD} names {named}, which the engine does not have.",
            state="No image was built.",
            hint=f"docker pull {named}",
        ) from error
