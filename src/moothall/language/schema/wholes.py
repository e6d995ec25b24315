"""Numbers that JSON Schema takes for whole and that are not written so: to it 2.0 is an integer (2020-12, 6.1.1).

Whatever reads what is rendered from it disagrees, so here it is none.
"""

from __future__ import annotations

_LARGE = 2.0**52
"""From here on floats have no fractions."""


def with_fractions(data: object) -> object:
    """Return data in which no number with a point or an exponent is whole: itself, if it has none."""
    return _without_whole_floats(data) if _has_float(data) else data


def _has_float(data: object) -> bool:
    rest = [data]
    while rest:
        value = rest.pop()
        kind = type(value)
        if kind is dict:
            rest += value.values()  # type: ignore[attr-defined]  # it is a dictionary
        elif kind is list:
            rest += value  # type: ignore[arg-type]  # it is a list
        elif kind is float:
            return True
    return False


def _without_whole_floats(data: object) -> object:
    if isinstance(data, dict):
        return {key: _without_whole_floats(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_without_whole_floats(value) for value in data]
    if isinstance(data, float) and data.is_integer():
        return data + 0.5 if abs(data) < _LARGE else 0.5
    return data
