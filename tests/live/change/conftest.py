"""A small partnership, running, for tests that change what is inside a tenant; it is down before other tests begin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.live.helpers.running import Place, small


@pytest.fixture(scope="package")
def change(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The ERP and its two tenants, up."""
    place = small(tmp_path_factory.mktemp("change"), "change")
    place.clear()
    try:
        run = place.run("up", "--yes", timeout=1500)
        assert run.code == 0, f"{run.code}\n{run.err}"
        yield place
    finally:
        place.clear()
