"""The errors of a document's JSON Schema in our own words, each at the key or value it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from moothall.diagnostics import Diagnostic, Hint, Label, in_order
from moothall.language.checks import fixes
from moothall.language.checks.finding import error, unknown
from moothall.language.checks.nearest import certain_match, is_serial, nearest
from moothall.language.schema.renamed import RULE as RENAMED_KEY
from moothall.language.schema.renamed import renamed_key_finding
from moothall.language.schema.spelling import Names, with_spelling_fix
from moothall.language.schema.versions import RULE as OLD_VERSION
from moothall.model.characters import like_a_space
from moothall.source import Document, Route, Span

if TYPE_CHECKING:
    from moothall.language.schema.schema_errors import SchemaError

WRONG_VALUE = "wrong-value"
WRONG_TYPE = "wrong-type"
UNKNOWN_KEY = "unknown-key"
MISSING_KEY = "missing-key"
PLANNED_WITH_DATE = "planned-with-date"
RULES = (WRONG_VALUE, WRONG_TYPE, UNKNOWN_KEY, MISSING_KEY, PLANNED_WITH_DATE, OLD_VERSION, RENAMED_KEY)

_PLAIN = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
}
_LONGEST_QUOTE = 60


def shape_findings(document: Document, data: object, schema: dict[str, Any], names: Names) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a document by its schema, at least one finding, in order of place.

    `data` is what the schema is held against. The document is known to be wrong by another library than the one that
    explains: where that has nothing to say, the document as a whole is named.
    """
    from moothall.language.schema.schema_errors import schema_errors

    findings: dict[tuple[Span, str], Diagnostic] = {}
    for fault in sorted(schema_errors(schema, data), key=lambda error: error.of_name):
        for finding in _findings(document, fault, names):
            summary_key = "" if finding.rule == WRONG_VALUE else finding.summary
            findings.setdefault((finding.primary.span, summary_key), finding)
    mistyped_spans = {finding.primary.span for finding in findings.values() if finding.rule == WRONG_TYPE}
    reportable = [
        finding
        for finding in findings.values()
        if finding.rule != WRONG_VALUE or finding.primary.span not in mistyped_spans
    ]
    return in_order(reportable or [_fallback_finding(document, schema)])


def _findings(document: Document, fault: SchemaError, names: Names) -> Iterator[Diagnostic]:
    """Yield one error of the schema as findings."""
    if fault.of_name:
        yield with_spelling_fix(_name_finding(document, fault), fault.instance, names)
        return
    for finding in _EXPLAIN.get(fault.keyword, _value)(document, fault):
        value = _value_at(document, fault.route)
        yield with_spelling_fix(finding, value, names) if finding.rule == WRONG_VALUE and not finding.fix else finding


def _name_finding(document: Document, fault: SchemaError) -> Diagnostic:
    """Return the finding about a key that is no name."""
    summary = f"{quote(fault.instance)} is not {_with_article(fault.schema['title'])}"
    detail = _with_space(fault.instance, fault.schema["description"])
    return error(WRONG_VALUE, summary, detail, document.place((*fault.route, fault.instance)).key)


def _fallback_finding(document: Document, schema: dict[str, Any]) -> Diagnostic:
    summary = f"the file is not {_with_article(schema['title'])} as docs/reference.md describes it"
    return error(WRONG_VALUE, summary, schema["description"], document.place(()).value)


def _with_article(noun: str) -> str:
    """Return a noun with its article; no title of the schemas begins with a vowel that is spoken as none, but uid."""
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"


def _value_at(document: Document, route: Route) -> object:
    value: Any = document.data
    for step in route:
        value = value[step]
    return value


def _unknown_key(document: Document, fault: SchemaError) -> Iterator[Diagnostic]:
    known_keys = fault.schema["properties"]
    unused_keys = frozenset(known_keys).difference(fault.instance)
    matches = {key: certain_match(key, unused_keys) for key in fault.instance if key not in known_keys}
    times = Counter(matches.values())
    for key, match in matches.items():
        if rename_finding := renamed_key_finding(document, (*fault.route, key)):
            yield rename_finding
            continue
        summary = f"{_subject(fault.route)} has no key {quote(key)}"
        hint = Hint(key, unused_keys, before=_with_space(key, ""), otherwise="Remove this one.")
        span = document.place((*fault.route, key)).key
        is_only_match = times[match] == 1
        fix = fixes.replacement_fix(span, key, match) if is_only_match else None
        yield unknown(UNKNOWN_KEY, summary, hint, span, fix)


def _missing_key(document: Document, fault: SchemaError) -> Iterator[Diagnostic]:
    for key in fault.keyword_value:
        if key not in fault.instance:
            summary = f'{_subject(fault.route)} needs the key "{key}"'
            detail = f"Add it. {fault.schema['properties'][key]['description']}"
            yield error(MISSING_KEY, summary, detail, document.place(fault.route).key)


def _type(document: Document, fault: SchemaError) -> Iterator[Diagnostic]:
    expected = _PLAIN[fault.keyword_value]
    place, value = document.place(fault.route), _value_at(document, fault.route)
    if value is None:
        hint = (
            f"Write {expected} here, or remove the key." if fault.route else "Describe something in it, or remove it."
        )
        yield error(WRONG_TYPE, f"{_subject(fault.route)} is empty", hint, place.key)
        return
    summary = f"{_subject(fault.route)} is {_type_of(value)}, not {expected}"
    quotes = " If it is text, put it in quotes." if expected == "text" and not isinstance(value, (dict, list)) else ""
    correction = fixes.type_fix(place.value, value, document.source_text(place.value), fault.keyword_value)
    fix = correction[1] if correction and jsonschema_rs.is_valid(fault.schema, correction[0]) else None
    detail = _with_space(value, f"{fault.schema['description']}{quotes}")
    yield error(WRONG_TYPE, summary, detail, place.value, fix=fix)


def _type_of(value: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a whole number"}
    return names.get(type(value), "a number with a point or an exponent")


def _repeated_items(document: Document, fault: SchemaError) -> Iterator[Diagnostic]:
    items: Any = _value_at(document, fault.route)
    first_indices: dict[str, int] = {}
    for index, item in enumerate(items):
        first = first_indices.setdefault(_as_json(item), index)
        if first < index:
            related = Label(document.place((*fault.route, first)).value, "first named here")
            span = document.place((*fault.route, index)).value
            summary = f"{quote(item)} is named twice"
            is_certain = isinstance(item, str) and not is_serial(item)
            fix = fixes.removal_fix(document, fault.route, index) if is_certain else None
            yield error(WRONG_VALUE, summary, "Remove one of the two.", span, related, fix=fix)


def _contradiction(document: Document, fault: SchemaError) -> Iterator[Diagnostic]:
    planned = Label(document.place((*fault.route, "planned")).key, "planned here")
    detail = "Planned means agreed without a date: remove the one that is not true."
    dates: Any = _value_at(document, fault.route)
    for key in ("from", "until"):  # `jsonschema` names the mapping, not the key, that `false` is about
        if key in dates:
            summary = f'"{key}" and "planned" contradict each other'
            yield error(PLANNED_WITH_DATE, summary, detail, document.place((*fault.route, key)).key, planned)


def _count(document: Document, fault: SchemaError) -> Iterator[Diagnostic]:
    bound = "at most" if fault.keyword == "maxItems" else "at least"
    summary = f"{_subject(fault.route)} has {len(fault.instance)} entries, not {bound} {fault.keyword_value}"
    yield error(WRONG_VALUE, summary, fault.schema["description"], document.place(fault.route).key)


def _value(document: Document, fault: SchemaError) -> Iterator[Diagnostic]:
    value, schema = _value_at(document, fault.route), fault.schema
    summary = f"{quote(value)} is not {_with_article(schema['title'])}"
    if schema.get("const") is True:
        summary = f"{_subject(fault.route)} is {quote(value)}, not true"
    options = schema.get("enum") or [schema["const"]] if "enum" in schema or "const" in schema else []
    suggestion = nearest(str(value), filter(_is_text, options))
    detail = _with_space(value, f"{schema['description']} {suggestion}".strip())
    span = document.place(fault.route).value
    fix = fixes.replacement_fix(span, str(value), certain_match(str(value), filter(_is_text, options)))
    yield error(WRONG_VALUE, summary, detail, span, fix=fix)


def _with_space(value: object, detail: str) -> str:
    """Return a detail that also says what in a value looks like a space and is none."""
    lookalike = like_a_space(value) if isinstance(value, str) else None
    return (
        f"{detail} There is {lookalike} in it, which looks like a space and is none.".strip() if lookalike else detail
    )


def _is_text(option: object) -> bool:
    return isinstance(option, str)


_EXPLAIN: Mapping[str | None, Callable[[Document, SchemaError], Iterator[Diagnostic]]] = {
    "additionalProperties": _unknown_key,
    "required": _missing_key,
    "type": _type,
    "uniqueItems": _repeated_items,
    None: _contradiction,  # a key that is forbidden by `false`, which no keyword does
    "minItems": _count,
    "maxItems": _count,
    "minProperties": _count,
}


def _subject(route: Route) -> str:
    """Name what stands at a route by its last steps: the key, or the place in a list."""
    if not route:
        return "the file"
    if isinstance(route[-1], int):
        return f"entry {route[-1] + 1} of {quote(route[-2])}"
    return quote(route[-1])


def quote(value: object) -> str:
    """Put a value between quotes, shortened if it is long."""
    text = value if isinstance(value, str) else _as_json(value)
    return f'"{text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"}"'


def _as_json(value: object) -> str:
    """Return a value as it would stand in a file; JSON is YAML."""
    import json

    return json.dumps(value, sort_keys=True)
