"""Fixtures of the attacks: the engine's own small image, and a ground that is cleared away afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.attack.ground import Ground
from tests.live.helpers.running import Place, small
from tests.pulumi_engine.conftest import client, image

if TYPE_CHECKING:
    import docker

__all__ = ["client", "image"]


@pytest.fixture
def ground(image: str, client: docker.APIClient, tmp_path: Path) -> Iterator[Ground]:
    """A ground of its own name."""
    made = Ground(f"mha{secrets.token_hex(3)}", tmp_path)
    yield made
    made.clear(client)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A small partnership that stands, whose logs are gathered."""
    made = small(tmp_path_factory.mktemp("rotated"), "rotated")
    file = made.councils.parent / "partnership.yaml"
    file.write_text(file.read_text().rstrip() + "\n\n  logs: {site: consett, keep: 30d}\n")
    made.clear()
    try:
        run = made.run("up", "--yes")
        assert run.code == 0, run
        yield made
    finally:
        made.clear()
