"""The whole partnership, running, that these tests share; it is down with its data before other tests begin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.live.helpers.running import Place, whole


@pytest.fixture(scope="package")
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
