"""Plans as JSON-able data, and the digest by which two plans of a stack are compared."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any

from moothall.model.planned import Plan, Stack
from moothall.source import Span

_LEAF = re.compile(r"<<(?:certificate|key|thumbprint):([^>]+)>>")


def digest(plan: Plan, stack: Stack, year: int, place: str = "") -> str:
    """Return the SHA-256 of all that decides a stack: its objects, its certificates and the `year` of their dates.

    `place` is how its engine is reached, where that is said. Certificates are renewed by the calendar, whatever day the
    plan is made for. The YAML lines behind the objects are left out.
    """
    referenced_names = {
        name for container in stack.containers for file in container.files for name in _LEAF.findall(file.text)
    }
    leaves = [plan.leaves[name] for name in sorted(referenced_names & plan.leaves.keys())]
    content = [plain(stack, with_spans=False), plain(leaves, with_spans=False), year, *([place] if place else [])]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def plain(value: object, *, with_spans: bool) -> Any:
    """Return a value of a plan as JSON-able data; members are in camel case, days in ISO 8601.

    A span is a path and a line; the members `declared_at` are left out unless `with_spans`.
    """
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, list | tuple):
        return [plain(item, with_spans=with_spans) for item in value]
    if isinstance(value, Span):
        return {"path": value.path, "line": value.line}
    type_: Any = type(value)
    if members := _members(type_):
        return {
            json_name: plain(getattr(value, name), with_spans=with_spans)
            for name, json_name in members
            if with_spans or name != "declared_at"
        }
    if isinstance(value, Mapping):
        return {str(key): plain(value[key], with_spans=with_spans) for key in sorted(value)}
    return value.isoformat() if isinstance(value, date) else value


@cache
def _members(type_: type[Any]) -> tuple[tuple[str, str], ...]:
    """The names of a dataclass's fields, as they are and as they are shown; none of another type."""
    return tuple((field.name, _camel(field.name)) for field in fields(type_)) if is_dataclass(type_) else ()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
