"""A council that leaves, on a machine in memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes import built
from tests.fakes.dales import GONE
from tests.fakes.machine import Machine
from tests.operations.offboarding.desk import Desk

from moothall.operations.context import Context


@pytest.fixture
def desk(context: Context, machine: Machine, stood: Path, tmp_path: Path) -> Desk:
    """Somebody to whose commands the machine answers."""
    built.record(context.state, "dales")
    return Desk(context, machine, tmp_path)


@pytest.fixture
def left(desk: Desk) -> Desk:
    """The same, when carlin has left with a proved export."""
    desk.freeze()
    desk.export()
    desk.day = GONE
    desk.machine.done.clear()
    return desk
