"""What a resource will be after a change, as the real plug-in foresees it, and whether that needs another object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.pulumi_cli.standin.docker_schema import Attribute
from tests.pulumi_cli.standin.docker_values import identity, in_order, is_empty
from tests.pulumi_cli.standin.standin import guess

from moothall.pulumi_engine.protocol.values import UNKNOWN, any_part

Table = Mapping[str, Attribute]
Values = Mapping[str, Any]


def recorded(table: Table, outputs: Values) -> dict[str, Any]:
    """What the state says of a resource, sets in their order; of a state that says less, the rest is absent."""
    return {name: _recorded(each, outputs.get(name)) for name, each in table.items()}


def planned(table: Table, old: Values, config: Values) -> dict[str, Any]:
    """All attributes after a change of an object that is there; what only the engine can tell is kept.

    That a state lacks a default which says nothing is no change; but when something else is, it is one of the changes.
    """
    found = {name: _planned(each, old.get(name), config.get(name)) for name, each in table.items()}
    if found == dict(old):
        return found
    return {name: table[name].default if value is None else value for name, value in found.items()}


def planned_anew(table: Table, config: Values) -> dict[str, Any]:
    """All attributes of an object that is to be made; what only the engine can tell is unknown."""
    return {name: _planned_anew(each, config.get(name)) for name, each in table.items()}


def needs_another(table: Table, old: Values, new: Values) -> bool:
    """Whether the change from one to the other cannot be made on the object."""
    return any(_needs_another(each, old.get(name), new.get(name)) for name, each in table.items())


def _recorded(attribute: Attribute, value: Any) -> Any:
    if attribute.one or value is None:
        return value
    return in_order(attribute, value) if attribute.is_set else value


def _planned_anew(attribute: Attribute, given: Any) -> Any:
    if given is UNKNOWN:
        found = UNKNOWN
    elif attribute.is_block:
        found = None if is_empty(given) and given != {} else _filled_blocks(attribute, given, [])
    elif attribute.shape in ("list", "set", "map"):
        found = _collection(attribute, (given or None) if attribute.shape == "map" else given)
    else:
        found = attribute.default if given is None else given
    says_nothing = found is None or found in ("", {}) or (attribute.is_set and not found)
    return UNKNOWN if attribute.answer or (attribute.computed and says_nothing) else found


def _planned(attribute: Attribute, old: Any, new: Any) -> Any:
    if attribute.answer:
        return old
    if attribute.is_block:
        return _planned_blocks(attribute, old, new)
    if attribute.shape in ("list", "set", "map"):
        return _planned_collection(attribute, old, new)
    if new is None:
        new = attribute.default
    if (attribute.computed or attribute.quiet) and (new is None or new == ""):
        return old
    return old if is_empty(new) and is_empty(old) else new


def _planned_collection(attribute: Attribute, old: Any, new: Any) -> Any:
    left_out = new is None or (new is UNKNOWN and attribute.is_set and old)
    if (left_out and attribute.computed) or (is_empty(new) and is_empty(old)):
        return old
    if is_empty(new):
        return {} if attribute.shape == "map" else None
    return _collection(attribute, new)


def _collection(attribute: Attribute, value: Any) -> Any:
    """Texts in their order; with one that is not known, the whole is not known."""
    if attribute.shape in ("list", "set", "map") and any_part(value, lambda part: part is UNKNOWN):
        return UNKNOWN
    return in_order(attribute, list(dict.fromkeys(value))) if value and attribute.shape == "set" else value


def _planned_blocks(attribute: Attribute, old: Any, new: Any) -> Any:
    if new is UNKNOWN:
        return old if attribute.computed and attribute.is_set and old else UNKNOWN
    if is_empty(new) and new != {}:
        return old if attribute.computed or is_empty(old) else None
    if attribute.one and attribute.is_set and _says_nothing(new):
        return old
    filled = _filled_blocks(attribute, new, [old or {}] if attribute.one else old or [])
    if attribute.is_set and not attribute.one:
        kept = {identity(item): item for item in old or []}
        return in_order(attribute, [kept.get(identity(item), item) for item in filled])
    if old is not None and _same(attribute, old, filled):
        return old
    return filled if attribute.one else [_with_unknown(attribute, item) for item in filled]


def _same(attribute: Attribute, old: Any, new: Any) -> bool:
    """Another order of the same ports is no change, unless two of them differ in their outer end only."""
    contents = [sorted(identity(item) for item in _items(attribute, side)) for side in (old, new)]
    inner = [(item.get("internal"), item.get("protocol")) for item in _items(attribute, new)]
    if len(set(inner)) == len(inner):
        return contents[0] == contents[1]
    guess("same ports")
    return bool(old == new)


def _with_unknown(attribute: Attribute, item: Values) -> dict[str, Any]:
    unknown = {name for name, field in attribute.fields.items() if field.computed and item[name] is None}
    return {**item, **dict.fromkeys(unknown, UNKNOWN)}


def _filled_blocks(attribute: Attribute, value: Any, before: Sequence[Values]) -> Any:
    """Objects with all their fields; `before` are those that were at their places."""
    if value is UNKNOWN:
        return UNKNOWN
    if attribute.one:
        if attribute.is_set and _says_nothing(value):
            guess("empty objects")
            return dict.fromkeys(attribute.fields)
        return _filled(attribute, value, before[0] if before else {})
    olds = [] if attribute.is_set else before
    filled = [_filled(attribute, item, olds[at] if at < len(olds) else None) for at, item in enumerate(value)]
    if not attribute.is_set:
        return filled
    return in_order(attribute, list({identity(item): item for item in filled}.values()))


def _says_nothing(value: Values) -> bool:
    return all(is_empty(item) for item in value.values())


def _filled(attribute: Attribute, item: Values, old: Values | None) -> dict[str, Any]:
    return {name: _filled_field(each, item.get(name), old) for name, each in attribute.fields.items()}


def _filled_field(field: Attribute, value: Any, old: Values | None) -> Any:
    """Absent texts and sets are recorded as empty ones."""
    if value is None and field.computed:
        return UNKNOWN if old is None else old.get(field.name)
    if value is None:
        return {"str": "", "set": [], "blockset": []}.get(field.shape) if field.default is None else field.default
    if field.is_block:
        return _filled_blocks(field, value, [])
    return _collection(field, value or None) if field.shape == "map" else _collection(field, value)


def _needs_another(attribute: Attribute, old: Any, new: Any) -> bool:
    if new is UNKNOWN or not attribute.is_block:
        return attribute.replaces and old != new
    before, after = (_items(attribute, side) for side in (old, new))
    if len(before) != len(after):
        return attribute.replaces or any(_blames(attribute, item) for item in (*before, *after))
    if attribute.is_set:
        left, right = ({identity(item): item for item in side} for side in (before, after))
        return any(_blames(attribute, {**left, **right}[key]) for key in left.keys() ^ right.keys())
    return any(needs_another(attribute.fields, *pair) for pair in zip(before, after, strict=True))


def _blames(attribute: Attribute, item: Values) -> bool:
    """Whether an element that came or went says something that cannot be changed."""
    return any(_says(field, item.get(name)) for name, field in attribute.fields.items())


def _says(field: Attribute, value: Any) -> bool:
    if is_empty(value):
        return False
    return field.replaces or (field.is_block and any(_blames(field, item) for item in _items(field, value)))


def _items(attribute: Attribute, value: Any) -> list[Any]:
    if attribute.one:
        return [] if value is None else [value]
    return value or []
