"""The reference page: every key of every kind of file, drawn from the schemas, in Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]

PLACES = {
    "partnership": "partnerships/<name>/partnership.yaml",
    "active": "partnerships/<name>/active.yaml",
    "council": "partnerships/<name>/councils/<council>.yaml",
    "module": "modules/<name>/module.yaml",
    "engines": "stacks/engines.yaml",
}
_HEAD = """\
# Reference

Every key that a definition may have, drawn from `schemas/` by `make reference`; do not edit this page. The same words
stand in editors that read the modeline in the first line of a file. Keys not named here are refused.
"""
_COLUMNS = "| key | value | needed | what it is |\n|---|---|---|---|"


class Part(NamedTuple):
    """An object with keys of its own, the name of its section, and every path at which it may stand."""

    anchor: str
    schema: Schema
    paths: list[str]


def reference(schemas: Mapping[str, Schema]) -> str:
    """Return the page for the schemas, by kind."""
    kinds = [_Kind(kind, schema) for kind, schema in schemas.items()]
    texts = {name: text for kind in kinds for name, text in kind.texts()}
    return "\n".join([_HEAD, *(kind.page() for kind in kinds), _values(texts)])


class _Kind:
    """One kind of file."""

    def __init__(self, kind: str, schema: Schema) -> None:
        self._kind = kind
        self._schema = schema

    def page(self) -> str:
        """Return the section of the kind."""
        top = f"`{PLACES[self._kind]}`: {self._schema['description']}"
        lines = [f"## {_capital(self._schema['title'])}", "", top, ""]
        return "\n".join([*lines, *(line for part in self._parts() for line in self._section(part))])

    def texts(self) -> Iterator[tuple[str, Schema]]:
        """Yield name and declaration of every text that has a form; what two kinds share is the same in both."""
        for name, declaration in self._schema["$defs"].items():
            if declaration["type"] == "string":
                yield name, declaration

    def _parts(self) -> list[Part]:
        """Return the objects in the order in which a reader meets them."""
        parts_by_anchor: dict[str, Part] = {}

        def walk(part: Schema, path: str) -> None:
            schema = self._resolve(part)
            if "properties" in schema:
                known_part = parts_by_anchor.setdefault(self._anchor(part), Part(self._anchor(part), schema, []))
                known_part.paths.append(path)
                if len(known_part.paths) > 1:
                    return
            for step, inner in _inner(schema):
                walk(inner, f"{path}{step}".removeprefix("."))

        walk(self._schema, "")
        return list(parts_by_anchor.values())

    def _anchor(self, part: Schema) -> str:
        """Return the name of an object's section, its own on the whole page."""
        return f"{self._kind}-{_ref(part) or part['title'].replace(' ', '-').lower()}"

    def _resolve(self, part: Schema) -> Schema:
        """Return what a part refers to; its own description counts more."""
        name = _ref(part)
        return {**self._schema["$defs"][name], **part} if name else part

    def _section(self, part: Part) -> list[str]:
        """Return heading and table of an object; the top of the file has the heading of its kind."""
        schema = part.schema
        rows = [self._row(key, value, key in schema.get("required", ())) for key, value in schema["properties"].items()]
        if not part.paths[0]:
            return [_COLUMNS, *rows, ""]
        heading = f'### <a id="{part.anchor}"></a>{_capital(schema["title"])}'
        return [heading, "", f"At {_word_list(part.paths)}. {schema['description']}", "", _COLUMNS, *rows, ""]

    def _row(self, key: str, part: Schema, is_required: bool) -> str:
        schema = self._resolve(part)
        sentences = [schema["description"]]
        sentences += [f"Default: `{json.dumps(schema['default'])}`."] if "default" in schema else []
        sentences += [f"Like {_word_list(map(json.dumps, schema['examples']))}."] if "examples" in schema else []
        cells = (f"`{key}`", self._value(part), "yes" if is_required else "", " ".join(sentences))
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    def _value(self, part: Schema) -> str:
        """Say in a few words what may stand somewhere."""
        schema = self._resolve(part)
        options = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
        if options:
            return " or ".join(f"`{option if isinstance(option, str) else json.dumps(option)}`" for option in options)
        if schema["type"] == "array":
            return f"list of {self._value(schema['items'])}"
        if schema["type"] == "object":
            return self._object(part, schema)
        return _scalar(part, schema)

    def _object(self, part: Schema, schema: Schema) -> str:
        if "properties" in schema:
            return f"[{schema['title']}](#{self._anchor(part)})"
        return f"by name: {self._value(schema['additionalProperties'])}"


def _inner(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield what lies directly below a part, with the step to it."""
    for key, inner in schema.get("properties", {}).items():
        yield f".{key}", inner
    if isinstance(schema.get("additionalProperties"), dict):
        yield ".<name>", schema["additionalProperties"]
    if "items" in schema:
        yield "[]", schema["items"]


def _ref(part: Schema) -> str:
    """Return the name of the declaration that a part refers to, empty if it is its own."""
    return str(part.get("$ref", "")).rpartition("/")[2]


def _scalar(part: Schema, schema: Schema) -> str:
    if schema["type"] == "integer":
        return f"whole number, {schema['minimum']} to {schema['maximum']}"
    if schema["type"] == "boolean":
        return "true or false"
    return f"[{_ref(part)}](#value-{_ref(part)})" if _ref(part) else "text"


def _values(texts: Mapping[str, Schema]) -> str:
    """Return the section of the texts that have a form."""
    lines = ["## Values", ""]
    for name, text in sorted(texts.items()):
        description = text["description"] + (f" By the pattern `{text['pattern']}`." if "pattern" in text else "")
        lines += [f'### <a id="value-{name}"></a>{_capital(name)}', "", description, ""]
    return "\n".join(lines).rstrip() + "\n"


def _word_list(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
