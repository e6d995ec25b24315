"""An interrupt while a program declares its resources ends it at once, whatever it has half asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.pulumi_engine.lab import Words
from tests.pulumi_engine.memory_engine import MemoryLab


@pytest.mark.parametrize("preview", [True, False])
def test_it_ends_at_once(tmp_path: Path, preview: bool) -> None:
    """One resource waits for a value that nobody will ever give."""
    lab = MemoryLab(tmp_path)

    def declare(w: Words) -> None:
        never = asyncio.get_running_loop().create_future()
        w.network("net")
        w.volume("data", labels=[{"label": "waits-for", "value": w.pulumi.Output.from_input(never)}])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        (lab.preview if preview else lab.up)(declare)

    assert lab.engine.calls == []
