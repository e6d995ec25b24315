"""Property values on Pulumi's wire: protobuf structs with signed objects for secrets, and one text for unknowns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.struct_pb2 import Struct

from moothall.pulumi_engine.errors import Unsupported
from moothall.pulumi_engine.protocol.values import SECRET_SIGNATURE, SIGNATURE, UNKNOWN, UNKNOWN_TEXT, Secret, Value

RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e"


def from_struct(struct: Struct) -> dict[str, Value]:
    """The values of a struct; null members are left out. Raises Unsupported for assets and archives."""
    members = {key: _from_wire(_to_python(value)) for key, value in struct.fields.items()}
    return {key: value for key, value in members.items() if value is not None}


def to_struct(values: Mapping[str, Value]) -> Struct:
    """The struct of values."""
    struct = Struct()
    struct.update({key: _to_wire(value) for key, value in values.items()})
    return struct


def _to_python(value: Any) -> Value:
    """A protobuf value as plain Python; whole numbers become int."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {key: _to_python(item) for key, item in value.struct_value.fields.items()}
    if kind == "list_value":
        return [_to_python(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return getattr(value, kind) if kind in ("string_value", "bool_value") else None


def _from_wire(value: Value) -> Value:
    if value == UNKNOWN_TEXT:
        return UNKNOWN
    if isinstance(value, list):
        return [_from_wire(item) for item in value]
    if not isinstance(value, dict):
        return value
    signature = value.get(SIGNATURE)
    if signature == SECRET_SIGNATURE:
        return Secret(_from_wire(value.get("value")))
    if signature not in (None, RESOURCE_SIGNATURE):
        raise Unsupported("assets and archives")
    return {key: _from_wire(item) for key, item in value.items() if item is not None}


def _to_wire(value: Value) -> Value:
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET_SIGNATURE, "value": _to_wire(value.value)}
    if isinstance(value, Mapping):
        return {key: _to_wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_wire(item) for item in value]
    return value
