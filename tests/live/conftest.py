"""The running partnership that the acceptance tests share; stood up once, taken down with its data at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.helpers.running import Place, small, whole


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The whole partnership, up."""
    place = whole(tmp_path_factory.mktemp("acceptance"), "acceptance")
    place.clear()
    try:
        run = place.run("up", "--yes", "--format", "json", timeout=1500)
        assert run.code == 0, f"{run.code}\n{run.err}"
        yield place
        run = place.run("destroy", "--with-data", "--confirm", place.name)
        assert run.code == 0, run
    finally:
        place.clear()


@pytest.fixture
def little(tmp_path: Path) -> Iterator[Place]:
    """A small partnership, nothing of it standing."""
    place = small(tmp_path, "little")
    place.clear()
    yield place
    place.clear()


@pytest.fixture(scope="session")
def change(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The ERP and its two tenants, up: for tests that change what is inside a tenant."""
    place = small(tmp_path_factory.mktemp("change"), "change")
    place.clear()
    try:
        run = place.run("up", "--yes", timeout=1500)
        assert run.code == 0, f"{run.code}\n{run.err}"
        yield place
    finally:
        place.clear()
