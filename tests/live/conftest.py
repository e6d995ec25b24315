"""A place of its own for each test that stands something up itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.helpers.running import Place, small


@pytest.fixture
def little(tmp_path: Path) -> Iterator[Place]:
    """A small partnership, nothing of it standing."""
    place = small(tmp_path, "little")
    place.clear()
    yield place
    place.clear()
