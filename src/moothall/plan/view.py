"""The plan as JSON-able data, and the digest by which two plans of a stack are compared."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date

from moothall.model.planned import Plan, Stack
from moothall.source import Span

_LEAF = re.compile(r"<<(?:certificate|key):([^>]+)>>")


def view(plan: Plan) -> dict[str, object]:
    """Return the plan as JSON-able data with its `schemaVersion`; keys are in camel case."""
    shown = _plain(plan, with_spans=True)
    assert isinstance(shown, dict)
    return {"schemaVersion": 1, **shown}


def digest(plan: Plan, stack: Stack, year: int) -> str:
    """Return the SHA-256 of all that decides a stack: its objects, its certificates and the `year` of their dates.

    Certificates are renewed by the calendar, whatever day the plan is made for. The YAML lines behind the objects
    are left out.
    """
    wanted = {name for container in stack.containers for file in container.files for name in _LEAF.findall(file.text)}
    leaves = [leaf for leaf in plan.certificates if leaf.name in wanted]
    content = [_plain(stack, with_spans=False), _plain(leaves, with_spans=False), year]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _plain(value: object, *, with_spans: bool) -> object:
    if isinstance(value, Span):
        return {"path": value.path, "line": value.line}
    if is_dataclass(value):
        return {
            _camel(field.name): _plain(getattr(value, field.name), with_spans=with_spans)
            for field in fields(value)
            if with_spans or field.name != "because"
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key], with_spans=with_spans) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_plain(item, with_spans=with_spans) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
