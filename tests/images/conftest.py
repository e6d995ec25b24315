"""Fixtures for the images, run for real on the local container engine: `pytest -m live tests/images`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from tests.images.bench import Bench

from moothall import imagetags
from moothall.docker_engine.images import ensure

IMAGES = Path(__file__).parents[2] / "images"


@pytest.fixture(scope="session")
def tags() -> dict[str, str]:
    """The images by their names, built when the engine lacks them."""
    ids = ensure(IMAGES, os.environ.get("DOCKER_HOST", ""), progress=print)
    return {name: ids[tag] for name, tag in imagetags.tags(IMAGES).items()}


@pytest.fixture(scope="module")
def bench(tags: dict[str, str]) -> Iterator[Bench]:
    """An empty bench, cleared away after the module's last test."""
    client = docker.from_env()
    made = Bench(client, tags, f"mh-images-{os.getpid()}")
    yield made
    made.close()
    client.close()
