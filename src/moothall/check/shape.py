"""The shape of one document by its JSON Schema: every fault, in our own words, at the key or value it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from moothall.check import fixes
from moothall.check.finding import error, unknown
from moothall.check.nearest import Near, certain, nearest, serial
from moothall.check.spelling import Names, misnamed, respelt, without_names
from moothall.check.versions import RULE as OLD_VERSION
from moothall.check.versions import old_version
from moothall.check.wholes import with_fractions
from moothall.diagnostics import Diagnostic, Hint, Label
from moothall.model.characters import like_a_space
from moothall.source import Document, Route, Span

KINDS = {"partnership": "Partnership", "active": "Active", "council": "Council", "module": "Module"}

WRONG_VALUE = "wrong-value"
WRONG_TYPE = "wrong-type"
UNKNOWN_KEY = "unknown-key"
MISSING_KEY = "missing-key"
PLANNED_WITH_DATE = "planned-with-date"
RULES = (WRONG_VALUE, WRONG_TYPE, UNKNOWN_KEY, MISSING_KEY, PLANNED_WITH_DATE, OLD_VERSION)

_PLAIN = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
}
_LONGEST_QUOTE = 60


def shape(document: Document, kind: str, schemas: Path, names: Names = Near) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the shape of a document of the kind partnership, active, council, module or engines.

    A value with several faults is named once, and one of another type for its type. Of a document that says it is of
    another kind, only that is said. `names` are those that may be meant by one of the wrong shape.
    """
    if wrong := _other_kind(document, kind.capitalize()):
        return (wrong,)
    if old := old_version(document):
        return (old,)
    data = with_fractions(document.data)
    if _validator(schemas, kind).is_valid(data):  # nearly every file is, and this is the cheaper question
        return ()
    findings: dict[tuple[Span, str], Diagnostic] = {}
    for finding in _faults(document, data, kind, schemas, names):
        once = "" if finding.rule == WRONG_VALUE else finding.summary
        findings.setdefault((finding.primary.span, once), finding)
    mistyped = {each.primary.span for each in findings.values() if each.rule == WRONG_TYPE}
    return tuple(each for each in findings.values() if each.rule != WRONG_VALUE or each.primary.span not in mistyped)


def _faults(document: Document, data: object, kind: str, schemas: Path, names: Names) -> Iterator[Diagnostic]:
    """Yield every fault of a document as a finding; `data` is what the validator is shown of it."""
    schema = _schema(schemas, kind)
    for fault in _nameless_validator(schemas, kind).iter_errors(data):
        for finding in _findings(document, schema, fault):
            value = _value_at(document, tuple(fault.instance_path))
            yield respelt(finding, value, names) if finding.rule == WRONG_VALUE and not finding.fix else finding
    for route, of_names in misnamed(schema, schema, document.data, _is_name):
        key, where = str(route[-1]), document.place(route).key
        wrong = error(
            WRONG_VALUE,
            f"{_quoted(key)} is not {_a(of_names['title'])}",
            _with_space(key, of_names["description"]),
            where,
        )
        yield respelt(wrong, key, names)


def _is_name(schema: Mapping[str, Any], key: str) -> bool:
    return bool(_name_validator(schema["pattern"], schema.get("maxLength", 1000)).is_valid(key))


@cache
def _name_validator(pattern: str, longest: int) -> Any:
    return jsonschema_rs.validator_for({"type": "string", "pattern": pattern, "maxLength": longest})


def _a(noun: str) -> str:
    """Return a noun with its article; no title of the schemas begins with a vowel that is spoken as none, but uid."""
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"


def _value_at(document: Document, route: Route) -> object:
    value: Any = document.data
    for step in route:
        value = value[step]
    return value


@cache
def _validator(schemas: Path, kind: str) -> Any:
    return jsonschema_rs.validator_for(_text(schemas, kind), validate_formats=True)


@cache
def _nameless_validator(schemas: Path, kind: str) -> Any:
    nameless: Any = without_names(_schema(schemas, kind))
    return jsonschema_rs.validator_for(nameless, validate_formats=True)


@cache
def _schema(schemas: Path, kind: str) -> Mapping[str, Any]:
    """Return the schema as data, which is needed only to explain a fault."""
    import json

    schema: Mapping[str, Any] = json.loads(_text(schemas, kind))
    return schema


def _text(schemas: Path, kind: str) -> str:
    return (schemas / f"{kind}.schema.json").read_text(encoding="utf-8")


def _other_kind(document: Document, kind: str) -> Diagnostic | None:
    written = document.data.get("kind") if isinstance(document.data, dict) else kind
    if written == kind or written not in KINDS.values():
        return None
    detail = f"The place of a file gives its kind, and this is the place of a {kind}: move the file or change its kind."
    return error(WRONG_VALUE, f"{_quoted(written)} is not what stands here", detail, document.place(("kind",)).value)


def _findings(document: Document, schema: Mapping[str, Any], fault: Any) -> Iterator[Diagnostic]:
    """Yield one error of the validator as findings."""
    route: Route = tuple(fault.instance_path)
    explain = _EXPLAIN.get(fault.kind.name, _value)
    yield from explain(document, route, fault, _subschema(schema, fault.schema_path[:-1]))


def _subschema(schema: Any, path: Sequence[str | int]) -> Mapping[str, Any]:
    """Return the part of the schema at `path`; for a false schema that is the mapping around it."""
    for step in path:
        schema = schema[step]
    found: Mapping[str, Any] = schema
    return found


def _unknown_key(document: Document, route: Route, fault: Any, schema: Mapping[str, Any]) -> Iterator[Diagnostic]:
    free = frozenset(schema["properties"]).difference(fault.instance)
    meant = {key: certain(key, free) for key in fault.kind.unexpected}
    times = Counter(meant.values())
    for key, other in meant.items():
        summary = f"{_subject(route)} has no key {_quoted(key)}"
        hint = Hint(key, free, before=_with_space(key, ""), otherwise="Remove this one.")
        span = document.place((*route, key)).key
        alone = times[other] == 1
        fix = fixes.reworded(span, key, other) if alone else None
        yield unknown(UNKNOWN_KEY, summary, hint, span, fix)


def _missing_key(document: Document, route: Route, fault: Any, schema: Mapping[str, Any]) -> Iterator[Diagnostic]:
    key = fault.kind.property
    detail = f"Add it. {schema['properties'][key]['description']}"
    yield error(MISSING_KEY, f'{_subject(route)} needs the key "{key}"', detail, document.place(route).key)


def _type(document: Document, route: Route, fault: Any, schema: Mapping[str, Any]) -> Iterator[Diagnostic]:
    wanted = " or ".join(_PLAIN[name] for name in fault.kind.types)
    place, value = document.place(route), _value_at(document, route)
    if value is None:
        summary = f"{_subject(route)} is empty"
        detail = f"Write {wanted} here, or remove the key." if route else "Describe something in it, or remove it."
        yield error(WRONG_TYPE, summary, detail, place.key)
        return
    summary = f"{_subject(route)} is {_type_of(value)}, not {wanted}"
    quotes = " If it is text, put it in quotes." if wanted == "text" and not isinstance(value, (dict, list)) else ""
    meant = fixes.retyped(place.value, value, document.written(place.value), fault.kind.types)
    fix = meant[1] if meant and jsonschema_rs.is_valid(dict(schema), meant[0]) else None
    detail = _with_space(value, f"{schema['description']}{quotes}")
    yield error(WRONG_TYPE, summary, detail, place.value, fix=fix)


def _type_of(value: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a whole number"}
    return names.get(type(value), "a number with a point or an exponent")


def _repeated(document: Document, route: Route, fault: Any, schema: Mapping[str, Any]) -> Iterator[Diagnostic]:
    items: Any = _value_at(document, route)
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        first = seen.setdefault(_written(item), index)
        if first < index:
            related = Label(document.place((*route, first)).value, "first named here")
            span = document.place((*route, index)).value
            summary = f"{_quoted(item)} is named twice"
            fix = fixes.without_item(document, route, index) if isinstance(item, str) and not serial(item) else None
            yield error(WRONG_VALUE, summary, "Remove one of the two.", span, related, fix=fix)


def _contradiction(document: Document, route: Route, fault: Any, schema: Mapping[str, Any]) -> Iterator[Diagnostic]:
    planned = document.place((*route[:-1], "planned")).key
    summary = f'"{route[-1]}" and "planned" contradict each other'
    detail = "Planned means agreed without a date: remove the one that is not true."
    yield error(PLANNED_WITH_DATE, summary, detail, document.place(route).key, Label(planned, "planned here"))


def _count(document: Document, route: Route, fault: Any, schema: Mapping[str, Any]) -> Iterator[Diagnostic]:
    wanted = "at most" if fault.kind.name == "maxItems" else "at least"
    summary = f"{_subject(route)} has {len(fault.instance)} entries, not {wanted} {fault.kind.limit}"
    yield error(WRONG_VALUE, summary, schema["description"], document.place(route).key)


def _value(document: Document, route: Route, fault: Any, schema: Mapping[str, Any]) -> Iterator[Diagnostic]:
    value = _value_at(document, route)
    summary = f"{_quoted(value)} is not {_a(schema['title'])}"
    if schema.get("const") is True:
        summary = f"{_subject(route)} is {_quoted(value)}, not true"
    options = schema.get("enum") or [schema["const"]] if "enum" in schema or "const" in schema else []
    suggestion = nearest(str(value), filter(_is_text, options))
    detail = _with_space(value, f"{schema['description']} {suggestion}".strip())
    span = document.place(route).value
    fix = fixes.reworded(span, str(value), certain(str(value), filter(_is_text, options)))
    yield error(WRONG_VALUE, summary, detail, span, fix=fix)


def _with_space(value: object, detail: str) -> str:
    """Return a detail that also says what in a value looks like a space and is none."""
    odd = like_a_space(value) if isinstance(value, str) else None
    return f"{detail} There is {odd} in it, which looks like a space and is none.".strip() if odd else detail


def _is_text(option: object) -> bool:
    return isinstance(option, str)


_EXPLAIN: dict[str, Callable[[Document, Route, Any, Mapping[str, Any]], Iterator[Diagnostic]]] = {
    "additionalProperties": _unknown_key,
    "required": _missing_key,
    "type": _type,
    "uniqueItems": _repeated,
    "falseSchema": _contradiction,
    "minItems": _count,
    "maxItems": _count,
    "minProperties": _count,
}


def _subject(route: Route) -> str:
    """Name what stands at a route by its last steps: the key, or the place in a list."""
    if not route:
        return "the file"
    if isinstance(route[-1], int):
        return f"entry {route[-1] + 1} of {_quoted(route[-2])}"
    return _quoted(route[-1])


def _quoted(value: object) -> str:
    """Put a value between quotes, shortened if it is long."""
    text = value if isinstance(value, str) else _written(value)
    return f'"{text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"}"'


def _written(value: object) -> str:
    """Return a value as it would stand in a file; JSON is YAML."""
    import json

    return json.dumps(value, sort_keys=True)
