"""How values of Docker resources are compared and ordered: empty ones, elements of sets, paths."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from tests.pulumi_cli.standin.docker_schema import Attribute

from moothall.pulumi_engine.protocol.values import UNKNOWN

Path = tuple[str | int, ...]


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: absent, or its type's zero."""
    return value is None or (value is not UNKNOWN and value in ("", 0, False, [], {}))


def identity(value: Any) -> str:
    """An element of a set by its content: members that say nothing do not count, neither does the order in it."""
    return json.dumps(_content(value), sort_keys=True, default=repr)


def _content(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _content(item) for key, item in value.items() if not is_empty(item)}
    if isinstance(value, list):
        return sorted((_content(item) for item in value), key=lambda item: json.dumps(item, default=repr))
    return value


def in_order(attribute: Attribute, items: list[Any]) -> list[Any]:
    """The elements of a set in the order in which the real plug-in records them."""
    key = str if attribute.shape == "set" else partial(_sort_text, attribute)
    return sorted(items, key=key)


def as_sent(items: list[str]) -> list[str]:
    """Texts of a set in the order in which the real plug-in hands them to the engine: by their checksum as a text."""
    return sorted(items, key=lambda item: str(zlib.crc32(item.encode())))


def write(path: Path) -> str:
    """A path in Pulumi's notation."""
    text = ""
    for segment in path:
        if isinstance(segment, int):
            text += f"[{segment}]"
        elif re.fullmatch(r"[A-Za-z_$][\w$]*", segment):
            text += f".{segment}"
        else:
            quoted = segment.replace('"', '\\"')
            text += f'["{quoted}"]'
    return text.removeprefix(".")


def _sort_text(attribute: Attribute, item: Mapping[str, Any]) -> bytes:
    """An object as one text, its members by name; a missing member comes after every text."""
    return (
        "<" + "".join(_member(each, item.get(name)) + ";" for name, each in sorted(attribute.fields.items())) + ">"
    ).encode()


def _member(attribute: Attribute, value: Any) -> str:
    if value is UNKNOWN:
        return "?"
    if value is None:
        return "~"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return (
            "{" + "".join(f"{json.dumps(key)}:{_member(attribute, item)};" for key, item in sorted(value.items())) + "}"
        )
    if isinstance(value, list):
        return "[" + "".join(_member(attribute, item) + ";" for item in value) + "]"
    return str(value)
