"""Durations as people write them: a whole number and a unit."""

from __future__ import annotations

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> int:
    """Return the seconds of a duration such as `90s`, `15m`, `1h` or `7d` (its shape was checked)."""
    return int(text[:-1]) * _SECONDS[text[-1]]
