"""Which properties of an object differ, and whether the engine can change them without making it again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from moothall.review.properties import Properties

IN_PLACE = frozenset(
    {"attach", "cpuShares", "destroyGraceSeconds", "memory", "memorySwap", "mustRun", "restart", "start"}
)
"""The properties that pulumi-docker changes on a standing container; every other one makes the object again.

Source: the schema of pulumi-docker 5.2, where the others are marked to replace (and `healthcheck` and `tmpfs`, which
`deploy` marks so).
"""


def differences(before: Properties, after: Properties) -> tuple[str, ...]:
    """Return the paths of properties that differ, in Pulumi's notation: `envs`, `healthcheck.interval`."""
    names = sorted(before.keys() | after.keys())
    return tuple(path for name in names for path in _paths(name, before.get(name), after.get(name)))


def is_in_place(paths: Sequence[str]) -> bool:
    """Say whether all of the properties can be changed on the object as it stands."""
    return all(path in IN_PLACE for path in paths)


def _paths(path: str, before: object, after: object) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            yield from _paths(_below(path, key), before.get(key), after.get(key))
    elif before != after and not (_is_nothing(before) and _is_nothing(after)):
        yield path


def _is_nothing(value: object) -> bool:
    """An absent value, an empty list and an empty map say the same; false and zero do not."""
    return value is None or value in ([], {})


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if re.fullmatch(r"\w+", key) else f'{path}["{key}"]'
