"""Fixtures of the engine's tests: a small image of our own and a bench that is cleared away afterwards."""

from __future__ import annotations

import io
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import HOST, IMAGE, LABEL, Lab
from real_pulumi import SharedMemory, installation

if TYPE_CHECKING:
    import docker

APPLETS = ("sh", "sleep", "cat", "test", "true", "false", "echo", "id", "stat", "wget", "nc", "ls", "seq")


@pytest.fixture(scope="session")
def client() -> Iterator[docker.APIClient]:
    """The real engine, to look at and to clear away with."""
    import docker

    opened = docker.APIClient(HOST, version="auto")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def image(client: docker.APIClient) -> str:
    """An image of one static busybox, made here: nothing is pulled."""
    if not client.images(IMAGE):
        binary = shutil.which("busybox")
        assert binary, "tools/prepare tests installs busybox-static"
        name, tag = IMAGE.split(":")
        client.import_image_from_data(packed(Path(binary)), repository=name, tag=tag)
    return IMAGE


@pytest.fixture
def lab(image: str, client: docker.APIClient, tmp_path: Path) -> Iterator[Lab]:
    """A bench on the real engine; everything with its label is removed at the end."""
    made = Lab(f"mhe-{secrets.token_hex(3)}", tmp_path)
    yield made
    clear_away(client, made.prefix)


def clear_away(client: docker.APIClient, prefix: str) -> None:
    """Remove all objects whose owner label begins with the prefix."""
    for item in client.containers(all=True, filters={"label": LABEL}):
        if item["Labels"][LABEL].startswith(prefix):
            client.remove_container(item["Id"], v=True, force=True)
    for item in client.networks(filters={"label": LABEL}):
        if item["Labels"][LABEL].startswith(prefix):
            client.remove_network(item["Id"])
    for item in client.volumes(filters={"label": LABEL})["Volumes"] or ():
        if item["Labels"][LABEL].startswith(prefix):
            client.remove_volume(item["Name"], force=True)


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


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedMemory]:
    """The real engine, with a plug-in that works on the engine in memory of a lab."""
    made = SharedMemory(installation(tmp_path_factory.mktemp("pulumi")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULUMI_DEBUG_PROVIDERS", f"docker:{made.port}")
        yield made
    made.server.stop(0)
