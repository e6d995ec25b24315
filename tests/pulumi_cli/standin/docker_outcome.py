"""What the real plug-in records of an object after it was made, changed, or looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.pulumi_cli.standin.docker_check import DEFAULTS, Table, bare
from tests.pulumi_cli.standin.docker_plan import Values
from tests.pulumi_cli.standin.docker_schema import Attribute
from tests.pulumi_cli.standin.docker_values import identity, in_order, is_empty

from moothall.pulumi_engine.protocol.values import UNKNOWN, has_unknown

ZEROS = {"int": 0, "str": "", "bool": False}


def made(table: Table, planned: Values, answer: Values) -> dict[str, Any]:
    """After a creation: sets as they were wanted, all else as the engine has it."""
    return {name: _made(each, planned.get(name), answer.get(name)) for name, each in table.items()}


def failed(table: Table, planned: Values) -> dict[str, Any]:
    """Of an object that is only half made: what was wanted, nothing of what was not known."""
    return {name: None if has_unknown(planned.get(name)) else planned.get(name) for name in table}


def changed(table: Table, old: Values, planned: Values) -> dict[str, Any]:
    """After a change: what was wanted; what was taken away is recorded as the type's zero, done or not."""
    return {
        name: ZEROS.get(each.shape) if planned[name] is None and old.get(name) is not None else planned[name]
        for name, each in table.items()
    }


def looked_at(table: Table, old: Values, answer: Values) -> dict[str, Any]:
    """After a look: what is read off the object counts, sets in their order."""
    found = {**old, **{name: value for name, value in answer.items() if name in table}}
    return {name: _ordered(each, found.get(name)) for name, each in table.items()}


def inputs_looked_at(table: Table, inputs: Values, outputs: Values) -> dict[str, Any]:
    """The recorded inputs, brought to what was found: no attribute is added, and what is no default any more is one
    of the program's own."""
    defaults = set(inputs.get(DEFAULTS, ()))
    found: dict[str, Any] = {}
    for name, value in inputs.items():
        if name in table:
            new = outputs.get(name)
            found[name] = _input_looked_at(table[name], value, new)
            defaults -= {name} if found[name] != value else set()
    return {**found, DEFAULTS: sorted(defaults)}


def _made(attribute: Attribute, planned: Any, answer: Any) -> Any:
    unknown = has_unknown(planned)
    if attribute.is_block and not attribute.one and planned is None:
        return []
    if attribute.is_set and not unknown:
        return planned
    if answer is None:
        return _nothing(attribute) if unknown else planned
    if is_empty(answer) and planned is None and attribute.shape in ("list", "map"):
        return None
    return _ordered(attribute, answer)


def _nothing(attribute: Attribute) -> Any:
    return [] if not attribute.one and attribute.shape not in ZEROS and attribute.shape != "map" else None


def _ordered(attribute: Attribute, value: Any) -> Any:
    if not attribute.is_set or attribute.one or value is None or value is UNKNOWN:
        return value
    return in_order(attribute, value)


def _input_looked_at(attribute: Attribute, old: Any, new: Any) -> Any:
    if not attribute.is_block or new is None:
        return new if not (is_empty(new) and is_empty(old)) else old
    if attribute.one:
        return _object_looked_at(attribute, old, new)
    return [_object_looked_at(attribute, *pair) for pair in _pairs(attribute, old, new)]


def _pairs(attribute: Attribute, old: list[Any], new: list[Any]) -> list[tuple[Any, Any]]:
    """What was found with the inputs that it is of: elements of a set that are as they were stay where they were."""
    if attribute.is_set:
        keys = [identity(item) for item in (bare(each) for each in old)]
        found = {identity(item): item for item in new}
        if len(old) == len(new) and set(keys) == found.keys():
            return [(item, found[key]) for key, item in zip(keys, old, strict=True)]
    return [(old[at] if at < len(old) else None, item) for at, item in enumerate(new)]


def _object_looked_at(attribute: Attribute, old: Any, new: Values) -> Any:
    if isinstance(old, Mapping):
        return inputs_looked_at(attribute.fields, old, new)
    return {**{name: value for name, value in new.items() if not is_empty(value)}, DEFAULTS: []}
