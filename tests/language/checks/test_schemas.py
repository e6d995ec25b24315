"""The schemas are sound, closed, described, and of one mind with the nouns; two implementations agree about files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall import paths
from moothall.language.schema.shape import KINDS, shape
from moothall.language.yaml.yaml12 import parse
from moothall.model import written
from moothall.model.characters import UNSEEN
from moothall.source import Document, Origin

SCHEMAS: dict[str, Any] = {kind: json.loads((paths.SCHEMAS / f"{kind}.schema.json").read_text()) for kind in KINDS}

DECLARED = {
    ("partnership", "spec"): written.Partnership,
    ("partnership", "metadata"): written.Metadata,
    ("partnership", "site"): written.Site,
    ("partnership", "link"): written.Link,
    ("partnership", "instance"): written.Instance,
    ("partnership", "mirror"): written.Mirror,
    ("partnership", "backup"): written.Backup,
    ("partnership", "drills"): written.Drills,
    ("partnership", "organisation"): written.Organisation,
    ("partnership", "exit"): written.Exit,
    ("partnership", "external"): written.External,
    ("partnership", "cost"): written.Cost,
    ("partnership", "policy"): written.Policy,
    ("partnership", "data-sharing"): written.DataSharing,
    ("partnership", "tenancy"): written.Tenancy,
    ("partnership", "waiver"): written.Waiver,
    ("council", "spec"): written.Council,
    ("council", "metadata"): written.Metadata,
    ("council", "use"): written.Use,
    ("council", "module-use"): written.ModuleUse,
    ("module", "metadata"): written.Metadata,
    ("active", "active-instance"): written.Active,
}
"""The noun of every object that has one; the module's `spec` is flattened into `written.Module`."""

NAMES = {"from": "start", "name": "name", "module": "module", "instance": "instance"}
"""Keys that are words of Python, and fields that the key of an entry gives."""


def objects(schema: object) -> Iterator[Mapping[str, Any]]:
    """Yield every part of a schema that describes an object with keys of its own."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for part in schema.values():
            yield from objects(part)


def declared(kind: str, name: str) -> Mapping[str, Any]:
    """Return the part of a schema that declares `name`: a definition, or a key of the document."""
    schema = SCHEMAS[kind]
    found: Mapping[str, Any] = schema["$defs"].get(name) or schema["properties"][name]
    return found


def optional(hint: object) -> bool:
    """Say whether a field may have been left out by who wrote the file."""
    return (get_origin(hint) is UnionType and type(None) in get_args(hint)) or hint is bool


@pytest.mark.parametrize("kind", KINDS)
class TestSchema:
    """Each schema by itself."""

    def test_it_is_a_schema(self, kind: str) -> None:
        """It satisfies the metaschema of JSON Schema 2020-12."""
        jsonschema.Draft202012Validator.check_schema(SCHEMAS[kind])

    def test_every_object_is_closed_and_every_key_described(self, kind: str) -> None:
        """No object takes keys that are not listed, and editors have a sentence for each."""
        for part in objects(SCHEMAS[kind]):
            assert part["additionalProperties"] is False
            assert part["title"]
            assert set(part["required"]) <= set(part["properties"])
            for key, value in part["properties"].items():
                assert value["description"].endswith("."), key

    def test_what_two_schemas_share_is_the_same(self, kind: str) -> None:
        """A definition of the same name says the same in every schema."""
        for other in SCHEMAS.values():
            for name in SCHEMAS[kind]["$defs"].keys() & other["$defs"].keys():
                assert SCHEMAS[kind]["$defs"][name] == other["$defs"][name]


@pytest.mark.parametrize(("place", "noun"), DECLARED.items(), ids=str)
def test_a_schema_object_and_its_noun_agree(place: tuple[str, str], noun: type) -> None:
    """They have the same keys, and the same ones may be left out."""
    part = declared(*place)
    hints = get_type_hints(noun)
    given_by_place = {"origin", "metadata", "name", "module", "instance", "tenancy"}
    named = {NAMES.get(key, key.replace("-", "_")): key for key in part["properties"]}

    for name in noun._fields:
        if name not in named:
            assert name in given_by_place or (place[0], name) == ("module", "uid")
            continue
        left_out = named[name] not in part["required"]
        collection = get_origin(hints[name]) in {Mapping, tuple}
        shared = (noun, name) == (written.Metadata, "uid")
        assert left_out == optional(hints[name]) or (left_out and collection) or shared, name
    assert set(named) <= set(noun._fields) | (set(written.Tenancy._fields) if "tenancy" in noun._fields else set())


def test_the_module_and_its_noun_agree() -> None:
    """The keys of a module's `spec`, flattened, are the fields of the noun."""
    spec = SCHEMAS["module"]["properties"]["spec"]["properties"]
    keys = {"service", *(f"tryton {key}" for key in spec["tryton"]["properties"])}

    assert set(spec) == {"service", "personal-data", "needs", "provided", "tryton"}
    assert keys == {"service", "tryton modules", "tryton proof-model"}
    assert set(written.Module._fields) == {
        "metadata",
        "service",
        "personal_data",
        "needs",
        "provided",
        "tryton_modules",
        "proof_model",
        "origin",
    }


REAL = {
    "active": "tests/cases/invalid/failed-over-elsewhere/partnerships/dales/active.yaml",
    "partnership": "partnerships/northumberland-durham/partnership.yaml",
    "council": "partnerships/northumberland-durham/councils/northumberland.yaml",
    "module": "modules/finance/module.yaml",
}


def document(kind: str) -> Document:
    """Return a real document of a kind."""
    found, findings = parse(REAL[kind], (paths.PROJECT / REAL[kind]).read_text(encoding="utf-8"))
    assert found, findings
    return found


ODD: list[object] = [
    None,
    True,
    False,
    0,
    -1,
    101,
    8443,
    1.5,
    "",
    "a",
    "A",
    "a--b",
    "a" * 41,
    "2007-02-30",
    "2007-01-01",
]
ODD += [
    "10.0.0.0/8",
    "10.0.0.0/33",
    "256.0.0.0/8",
    "010.0.0.0/8",
    "1h",
    "0h",
    "01h",
    "tryton",
    "moothall/v1",
    "\u0661h",
]
ODD += ["2dac8ae2-56f0-404b-b15a-0e3185106860", "line\nbreak", "\u2028", [], ["a"], ["a", "a"], {}, {"a": {}}, {"a": 1}]


def mutate(data: Any, draw: st.DataObject) -> None:
    """Change one place of a document: drop it, put something odd there, or add a key beside it."""
    while isinstance(data, (dict, list)) and data:
        step = draw.draw(st.sampled_from(sorted(data) if isinstance(data, dict) else range(len(data))))
        deeper = isinstance(data[step], (dict, list)) and data[step] and draw.draw(st.integers(0, 5))
        if not deeper:
            break
        data = data[step]
    kinds = ["drop", "replace", "add"] if isinstance(data, dict) else ["drop", "replace"]
    action = draw.draw(st.sampled_from(kinds))
    if action == "drop":
        del data[step]
    elif action == "replace":
        data[step] = deepcopy(draw.draw(st.sampled_from(ODD)))
    else:
        key = draw.draw(st.sampled_from(["a", "A", "planned", "from", "uid", "site", "x-y", ""]))
        data[key] = deepcopy(draw.draw(st.sampled_from(ODD)))


@pytest.mark.parametrize("kind", KINDS)
@given(draw=st.data())
@settings(max_examples=150, deadline=None)
def test_an_oracle_agrees(kind: str, draw: st.DataObject) -> None:
    """What decides is of one mind with the reference implementation, and what it refuses is always explained.

    The oracle is `jsonschema` as it comes, not with the keywords that the explanation takes from what decides. It is
    asked about documents without strings that end in a line break, where Python's `$` is laxer.
    """
    real = document(kind)
    data: Any = deepcopy(real.data)
    for _ in range(draw.draw(st.integers(0, 3))):
        mutate(data, draw)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    oracle = jsonschema.Draft202012Validator(SCHEMAS[kind], format_checker=checker)

    decider = jsonschema_rs.validator_for(SCHEMAS[kind], validate_formats=True)

    findings = shape(Document(real.path, data, real.places), kind, paths.SCHEMAS)

    assert decider.is_valid(data) == oracle.is_valid(data) == (not findings)
    assert not [finding for finding in findings if "docs/reference.md" in finding.summary]
    for finding in findings:
        assert finding.summary and finding.detail
    assert Origin(real).value().path == real.path


@pytest.mark.parametrize("kind", ["council", "module", "partnership"])
def test_a_title_may_hold_what_a_file_may(kind: str) -> None:
    """What nobody sees may not come into a title by an escape either; something of it is to be seen."""
    title = jsonschema_rs.validator_for(SCHEMAS[kind]["$defs"]["title"])
    unseen = [char for char in map(chr, (*range(0xD800), *range(0xE000, 0xE1000))) if re.fullmatch(f"[{UNSEEN}]", char)]

    assert len(unseen) > 100
    assert not any(title.is_valid(f"a{char}b") for char in unseen)
    assert not any(title.is_valid(text) for text in ("", " ", "\u00a0\u3000", "\ufe0f", "a\n", "\x85a"))
    assert all(title.is_valid(text) for text in ("a", " a ", "Ynys Môn", "❤\ufe0f", "日本", "\U0001f3f4"))
