"""The stand-in's Check: inputs in their right types, with the defaults that the real plug-in writes into them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.pulumi_cli.standin.docker_schema import PATTERNS, Attribute

from moothall.pulumi_engine.protocol.values import UNKNOWN

DEFAULTS = "__defaults"
INTERNAL = frozenset({DEFAULTS, "__internal"})
Table = Mapping[str, Attribute]
_UNITS = r"(\d+(\.\d+)?(ns|us|ms|s|m|h))+"


class Malformed(Exception):
    """A value of which the real plug-in cannot even say what is wrong: the whole request fails."""


def checked(table: Table, inputs: Mapping[str, Any], generated_name: str = "") -> dict[str, Any]:
    """The inputs as they are recorded. Raises Malformed."""
    given = {key: value for key, value in inputs.items() if key not in INTERNAL and value is not None}
    found = {key: _typed(table[key], value) if key in table else value for key, value in given.items()}
    added = {name: each.default for name, each in table.items() if name not in found and each.default}
    if generated_name and "name" not in found:
        added["name"] = generated_name
    return {**found, **added, DEFAULTS: sorted(added)}


def refusals(table: Table, inputs: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """What is wrong with checked inputs: pairs of the path that is blamed and the reason."""
    for name, each in table.items():
        if each.required and name not in inputs:
            yield f"{path}.{name}", f"The argument {name} is missing"
    for name, value in inputs.items():
        if name in INTERNAL:
            continue
        if name not in table:
            yield f"{path}.{name}", f"{name} is not known"
        elif table[name].answer:
            yield f"{path}.{name}", f"{name} is decided by the engine"
        else:
            yield from _refused(table[name], value, f"{path}.{name}")


def bare(value: Any) -> Any:
    """Inputs without the notes about defaults."""
    if isinstance(value, Mapping):
        return {key: bare(item) for key, item in value.items() if key not in INTERNAL}
    return [bare(item) for item in value] if isinstance(value, list) else value


def _refused(attribute: Attribute, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if value is UNKNOWN:
        return
    if attribute.is_block:
        # Of the elements of a set the real plug-in names only the whole.
        for item in value if isinstance(value, list) else [value]:
            for below, reason in refusals(attribute.fields, item, path):
                yield (below if attribute.one and not attribute.is_set else path), reason
    elif attribute.shape == "map" and not isinstance(value, Mapping):
        yield path, "Attribute must be a map"
    elif reason := _scalar_refused(attribute, value):
        yield path, reason


def _scalar_refused(attribute: Attribute, value: Any) -> str:
    if attribute.shape == "bool" and not isinstance(value, bool):
        return f"{value!r} is no bool"
    if attribute.least is not None and value < attribute.least:
        return f"'{value}' cannot be lower than {attribute.least}"
    if attribute.form in PATTERNS and not re.search(PATTERNS[attribute.form], value):
        return f"'{value}' doesn't match the pattern '{PATTERNS[attribute.form]}'"
    if attribute.form == "duration" and not re.fullmatch(_UNITS, value):
        return f"'{value}' is not a valid duration"
    return "" if attribute.form != "base64" or _is_base64(value) else f"'{value}' is not base64 decodeable"


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True


def _typed(attribute: Attribute, value: Any) -> Any:
    """The value in the attribute's shape, as far as it can be brought into it."""
    if value is UNKNOWN:
        return value
    if attribute.is_block:
        return _typed_block(attribute, value)
    if attribute.shape in ("list", "set"):
        return [_text(item) for item in (value if isinstance(value, list) else [value])]
    if attribute.shape == "map":
        return {key: _text(item) for key, item in value.items()} if isinstance(value, Mapping) else value
    return {"str": _text, "int": _number, "bool": _bool}[attribute.shape](value)


def _typed_block(attribute: Attribute, value: Any) -> Any:
    items = value if isinstance(value, list) else [value]
    found = [item if item is UNKNOWN else checked(attribute.fields, item) for item in items]
    return (found[0] if found else None) if attribute.one else found


def _text(value: Any) -> Any:
    if value is UNKNOWN:
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Any) -> Any:
    try:
        return int(value)
    except ValueError as error:
        raise Malformed(f"{value!r} is no whole number") from error


def _bool(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
