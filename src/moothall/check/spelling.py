"""Names of the wrong shape, `Durham_DC`, that are another place's but for capitals and `_`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from moothall.check.fixes import reworded
from moothall.check.nearest import Near, plain
from moothall.diagnostics import Diagnostic
from moothall.source import Document, Route

Names = Callable[[], Near]
"""The names that are written in the right way anywhere; gathered when they are asked for."""

Misnamed = tuple[Route, Mapping[str, Any]]
"""Where a key stands that is no name, and the schema of the names there."""

_NAME = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")


def respelt(finding: Diagnostic, value: object, names: Names) -> Diagnostic:
    """Return the finding about a value with its fix, if just one name that is written elsewhere can have been meant."""
    if not isinstance(value, str) or plain(value) == value or plain(value) not in names():
        return finding
    meant = plain(value)
    detail = f'{finding.detail} Did you mean "{meant}"?'
    fix = None if names().has_near(meant) else reworded(finding.primary.span, value, meant)
    return finding._replace(detail=detail, fix=fix)


def written(documents: Iterable[Document]) -> Near:
    """Return every name that stands in the documents, or in their paths."""
    return Near({name for document in documents for name in _words(document) if _NAME.fullmatch(name)})


def _words(document: Document) -> Iterator[str]:
    yield from document.path.removesuffix(".yaml").split("/")
    rest = [document.data]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            yield from value
            rest += value.values()
        elif isinstance(value, list):
            rest += value
        elif isinstance(value, str):
            yield value


def misnamed(
    schema: Mapping[str, Any], part: Mapping[str, Any], data: object, is_name: Callable[[Mapping[str, Any], str], bool]
) -> Iterator[Misnamed]:
    """Yield the route of every key that is no name of its kind, with the schema of the names.

    Done here because the validator shows each such key with a copy of all that stands beside it.
    """
    part = _resolved(schema, part)
    if isinstance(data, list):
        for number, item in enumerate(data if "items" in part else ()):
            yield from _below(number, misnamed(schema, part["items"], item, is_name))
    elif isinstance(data, dict):
        names = _resolved(schema, part["propertyNames"]) if "propertyNames" in part else None
        for key, value in data.items():
            if names and not is_name(names, key):
                yield (key,), names
            below = part.get("properties", {}).get(key, part.get("additionalProperties"))
            if isinstance(below, dict):
                yield from _below(key, misnamed(schema, below, value, is_name))


def _below(
    step: str | int, found: Iterator[tuple[Route, Mapping[str, Any]]]
) -> Iterator[tuple[Route, Mapping[str, Any]]]:
    for route, names in found:
        yield (step, *route), names


def _resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part that a reference within the schema leads to; its own title and description are for people."""
    if "$ref" not in part:
        return part
    found: Any = schema
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return _resolved(schema, found)


def without_names(schema: object) -> object:
    """Return a schema that says nothing about the names of keys."""
    if isinstance(schema, dict):
        return {key: without_names(value) for key, value in schema.items() if key != "propertyNames"}
    return [without_names(value) for value in schema] if isinstance(schema, list) else schema
