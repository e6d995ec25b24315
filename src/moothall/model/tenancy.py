"""The one rule by which levels of settings are merged: defaults, then the instance's `tenants`, then the council.

The nearest level that says something wins, field by field; mappings are merged key by key, and so are the fields of
their entries. A date takes the place of a farther `planned: true`, which says that there is none. There is nothing
else to know, and no template.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from moothall.model.written import ModuleUse, Tenancy

T = TypeVar("T", Tenancy, ModuleUse)


def merge_levels(*levels: Tenancy | None) -> Tenancy:
    """Return the levels merged, the farthest given first; None is a level that says nothing.

    The result has the origin of the nearest level. At least one level must say something.
    """
    present_levels = [level for level in levels if level is not None]
    result = present_levels[0]
    for nearer in present_levels[1:]:
        result = _fill_from(result, nearer)._replace(modules=_merge_modules(result.modules, nearer.modules))
    return result


def _merge_modules(farther: Mapping[str, ModuleUse], nearer: Mapping[str, ModuleUse]) -> dict[str, ModuleUse]:
    both = {name: _fill_from(farther[name], nearer[name]) for name in farther.keys() & nearer.keys()}
    return {**farther, **nearer, **both}


def _fill_from(farther: T, nearer: T) -> T:
    """Return the nearer of two nouns with what it leaves unsaid taken from the farther."""
    nearer_values = nearer._asdict()
    farther_values = {
        key: value
        for key, value in farther._asdict().items()
        if nearer_values[key] is None or nearer_values[key] is False
    }
    if getattr(nearer, "start", None):
        farther_values.pop("planned", None)
    return nearer._replace(**farther_values)
