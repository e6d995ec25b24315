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

BASE_IMAGE_VARIABLE = "MOOTHALL_BASE_IMAGE"
"""Names an image, pinned by digest and already on the engine, to take in place of laying one."""

_PINNED = re.compile(r"[a-z0-9][!-?A-~]*@sha256:[0-9a-f]{64}")


def lay_base(
    client: DockerClient, description: Mapping[str, list[str]], tag: str, progress: Callable[[str], None]
) -> None:
    """Put the Debian of the description (suite, variant, leave-out) on the engine as `tag`.

    Raises `OperationError` when mmdebstrap is absent or fails, or when the image of MOOTHALL_BASE_IMAGE is not there.
    """
    if image := pinned_base_image():
        _adopt(client, image, tag)
        progress(f"{tag}: taken from {image}")
        return
    start = time.monotonic()
    progress(f"{tag}: laying Debian {description['suite']}")
    with tempfile.TemporaryDirectory(prefix="moothall-base-") as folder:
        archive = Path(folder) / "base.tar"
        _bootstrap(description, archive)
        _import(client, archive, tag)
    progress(f"{tag}: ready after {time.monotonic() - start:.0f} s")


def pinned_base_image() -> str | None:
    """Return the image that the environment names, if it does. Raises `OperationError` for one that is not pinned."""
    image = os.environ.get(BASE_IMAGE_VARIABLE)
    if image and not _PINNED.fullmatch(image):
        raise OperationError(
            f"{BASE_IMAGE_VARIABLE} must name an image that is pinned by digest, like debian@sha256:..., "
            f"and {image!r} does not.",
            state="No image was built.",
            hint=f"unset {BASE_IMAGE_VARIABLE}",
        )
    return image


def _bootstrap(description: Mapping[str, list[str]], archive: Path) -> None:
    """Write the Debian system to `archive`, with the mirrors that mmdebstrap takes on this machine."""
    leave_out = [f"--dpkgopt=path-exclude={pattern}" for pattern in description["leave-out"]]
    command = [_program(), f"--variant={description['variant']}", '--aptopt=Acquire::Languages "none"', *leave_out]
    process = subprocess.run(
        [*command, str(description["suite"]), str(archive)], capture_output=True, text=True, check=False
    )
    if process.returncode:
        raise OperationError(
            "mmdebstrap could not lay the ground of the images:\n" + "\n".join(process.stderr.splitlines()[-15:]),
            state="No image was built.",
            hint="apt-get update, to see whether Debian's mirror is reached; or set " + BASE_IMAGE_VARIABLE,
        )


def _program() -> str:
    """Return the path of mmdebstrap."""
    path = shutil.which("mmdebstrap")
    if not path:
        raise OperationError(
            "The program mmdebstrap, which lays the ground of the images, is not on this machine.",
            state="No image was built.",
            hint="apt-get install mmdebstrap",
        )
    return path


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


def _adopt(client: DockerClient, image: str, tag: str) -> None:
    """Tag the image that the environment names, which must be present."""
    from docker.errors import ImageNotFound

    try:
        client.images.get(image).tag(tag)
    except ImageNotFound as error:
        raise OperationError(
            f"{BASE_IMAGE_VARIABLE} names {image}, which the engine does not have.",
            state="No image was built.",
            hint=f"docker pull {image}",
        ) from error
