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


def merged(*levels: Tenancy | None) -> Tenancy:
    """Return the levels merged, the farthest given first; None is a level that says nothing.

    The result has the origin of the nearest level. At least one level must say something.
    """
    said = [level for level in levels if level is not None]
    result = said[0]
    for nearer in said[1:]:
        result = _over(result, nearer)._replace(modules=_modules(result.modules, nearer.modules))
    return result


def _modules(farther: Mapping[str, ModuleUse], nearer: Mapping[str, ModuleUse]) -> dict[str, ModuleUse]:
    both = {name: _over(farther[name], nearer[name]) for name in farther.keys() & nearer.keys()}
    return {**farther, **nearer, **both}


def _over(farther: T, nearer: T) -> T:
    """Return the nearer of two nouns with what it leaves unsaid taken from the farther."""
    said = nearer._asdict()
    unsaid = {key: value for key, value in farther._asdict().items() if said[key] is None or said[key] is False}
    if getattr(nearer, "start", None):
        unsaid.pop("planned", None)
    return nearer._replace(**unsaid)
