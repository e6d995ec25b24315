"""How far clocks are apart: of engines, of what runs on them, and of this machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

SECONDS = 2.0
"""By how much clocks may differ; certificates and recovery points are reckoned in clock time."""


class Ahead(NamedTuple):
    """By how many seconds a clock is ahead of this machine's, between two bounds: an answer takes its time to come."""

    least: float
    most: float


def ahead(ask: Callable[[], datetime]) -> Ahead:
    """Ask another clock and return how far it is ahead; the time of the answer lies between question and arrival."""
    asked = datetime.now(UTC)
    there = ask()
    arrived = datetime.now(UTC)
    return Ahead((there - arrived).total_seconds(), (there - asked).total_seconds())


HERE = Ahead(0.0, 0.0)
"""This machine's own clock."""


def apart(one: Ahead, other: Ahead = HERE) -> float:
    """Return by how many seconds two clocks are certainly apart, this machine's being the other if none is given."""
    return max(0.0, one.least - other.most, other.least - one.most)
