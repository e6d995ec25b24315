"""How far clocks are apart: of engines, of what runs on them, and of this machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

SECONDS = 2.0
"""By how much clocks may differ; certificates and recovery points are reckoned in clock time."""


class ClockOffset(NamedTuple):
    """By how many seconds a clock is ahead of this machine's, between two bounds: an answer takes its time to come."""

    minimum: float
    maximum: float


def clock_offset(ask: Callable[[], datetime]) -> ClockOffset:
    """Ask another clock and return how far it is ahead; the time of the answer lies between question and arrival."""
    question_time = datetime.now(UTC)
    clock_time = ask()
    arrival_time = datetime.now(UTC)
    return ClockOffset((clock_time - arrival_time).total_seconds(), (clock_time - question_time).total_seconds())


OWN_CLOCK = ClockOffset(0.0, 0.0)
"""This machine's own clock."""


def seconds_apart(one: ClockOffset, other: ClockOffset = OWN_CLOCK) -> float:
    """Return by how many seconds two clocks are certainly apart, this machine's being the other if none is given."""
    return max(0.0, one.minimum - other.maximum, other.minimum - one.maximum)
