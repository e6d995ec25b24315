"""Durations and sizes as people write them: a whole number and a unit. Their shape was checked by the schemas."""

from __future__ import annotations

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MEBIBYTES = {"MiB": 1, "GiB": 1024, "TiB": 1024 * 1024}


def seconds(text: str) -> int:
    """Return the seconds of a duration such as `90s`, `15m`, `1h` or `7d`."""
    return int(text[:-1]) * _SECONDS[text[-1]]


def optional_seconds(text: str | None) -> int | None:
    """Return the seconds of a duration that may have been left out."""
    return seconds(text) if text is not None else None


def mebibytes(text: str) -> int:
    """Return the mebibytes of a size such as `256MiB`, `40GiB` or `2TiB`: units of two to the power of ten."""
    return int(text[:-3]) * _MEBIBYTES[text[-3:]]


def size(number: int) -> str:
    """Return mebibytes as people write them, in the largest unit that is exact."""
    unit = next(unit for unit, many in reversed(_MEBIBYTES.items()) if number % many == 0)
    return f"{number // _MEBIBYTES[unit]}{unit}"
