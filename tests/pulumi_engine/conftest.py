"""Fixtures of the engine's tests: a small image of our own and a bench that is cleared away afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.busybox import have_image
from tests.pulumi_cli.real_pulumi import SharedMemory, installation
from tests.pulumi_engine.lab import HOST, LABEL, Lab

if TYPE_CHECKING:
    import docker


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
    return have_image(client)


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


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedMemory]:
    """The real engine, with a plug-in that works on the engine in memory of a lab."""
    made = SharedMemory(installation(tmp_path_factory.mktemp("pulumi")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULUMI_DEBUG_PROVIDERS", f"docker:{made.port}")
        yield made
    made.server.stop(0)
