"""The law of the edit room: the data changes by what was asked, and everything else stays to the byte."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.language.edit.yaml_writing import DATA, SCALARS, texts

from moothall.language.edit.mappings import insert_key, remove_key, rename_keys, set_value
from moothall.language.yaml.yaml12 import parse
from moothall.source import Document, Route

WRITTEN = texts()
EDITS = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def document(text: str) -> Document:
    """Parse a text that must be YAML."""
    found, findings = parse("a.yaml", text)
    assert found, (findings, text)
    return found


def meaning(text: str) -> Any:
    """Return the data of a text."""
    return document(text).data


def at(data: Any, route: Route) -> Any:
    """Return what stands at a route."""
    for step in route:
        data = data[step]
    return data


def routes(data: Any, kind: type, below: Route = ()) -> list[Route]:
    """Return every route to a value of a kind."""
    found = [below] if isinstance(data, kind) else []
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in steps:
        found += routes(value, kind, (*below, step))
    return found


def keys_of(data: Any) -> list[Route]:
    """Return every route that ends with a key."""
    return [route for route in routes(data, object) if route and isinstance(route[-1], str)]


def changed(before: str, after: str) -> tuple[str, str]:
    """Return what was taken out and what was put in, as one stretch."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return before[head : len(before) - tail], after[head : len(after) - tail]


def comments(text: str) -> Counter[str]:
    """Count the comments that the strategy writes."""
    return Counter(re.findall(r"# (?:why|tab, \{comma\} \[x\]|about: it|far left|both|top|yaml.*)", text))


def same_around(before: str, after: str) -> None:
    """Hold an edit to what no edit may touch: line endings, and whether the last line has one."""
    endings = [set(re.findall(r"\r?\n", text)) for text in (before, after)]
    assert endings[1] <= (endings[0] or {"\n"})
    assert after.endswith("\n") == before.endswith("\n")


@given(WRITTEN, SCALARS, st.data())
@EDITS
def test_setting_a_scalar_changes_its_span_alone(written: tuple[str, Any], value: Any, draw: st.DataObject) -> None:
    """The text before and after the value is the same, and the data differs in the one place."""
    text, data = written
    found = [route for route in routes(data, object) if route and not isinstance(at(data, route), (dict, list))]
    assume(found)
    route = draw.draw(st.sampled_from(found))
    parsed = document(text)
    assert parsed.data == data

    after = set_value(text, parsed, route, value)

    wanted = deepcopy(data)
    at(wanted, route[:-1])[route[-1]] = value
    assert repr(meaning(after)) == repr(wanted)
    same_around(text, after)
    assert comments(after) == comments(text)
    span = parsed.places[route].value
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: span.line - 1]) + span.column - 1
    end = sum(len(line) + 1 for line in lines[: span.end_line - 1]) + span.end_column - 1
    assert after.startswith(text[:start])
    assert after.endswith(text[end:])


@given(WRITTEN, DATA, st.data())
@EDITS
def test_inserting_a_key_adds_one_stretch(written: tuple[str, Any], value: Any, draw: st.DataObject) -> None:
    """Nothing is taken out; the key comes last, or behind the one that is named."""
    text, data = written
    route = draw.draw(st.sampled_from(routes(data, dict)))
    keys = list(at(data, route))
    behind = draw.draw(st.sampled_from([None, *keys]))

    after = insert_key(text, document(text), route, "new-key", value, after=behind)

    wanted = deepcopy(data)
    at(wanted, route)["new-key"] = value
    assert meaning(after) == wanted
    place = len(keys) if behind is None else keys.index(behind) + 1
    assert list(at(meaning(after), route)) == [*keys[:place], "new-key", *keys[place:]]
    assert changed(text, after)[0] == ""
    same_around(text, after)


@given(WRITTEN, st.sampled_from(["renamed", "it's", "no", 'say "so"']), st.data())
@EDITS
def test_renaming_a_key_changes_the_key_alone(written: tuple[str, Any], name: str, draw: st.DataObject) -> None:
    """Its value, its place among the others and everything around stay."""
    text, data = written
    route = draw.draw(st.sampled_from(keys_of(data)))
    assume(name not in at(data, route[:-1]))

    after = rename_keys(text, document(text), {route: name})

    before = at(data, route[:-1])
    mapping = at(meaning(after), route[:-1])
    assert list(mapping) == [name if key == route[-1] else key for key in before]
    assert list(mapping.values()) == list(before.values())
    taken, put = changed(text, after)
    assert len(taken) <= len(str(route[-1])) + 4
    assert len(put) <= len(name) + 6
    assert comments(after) == comments(text)
    same_around(text, after)


@given(WRITTEN, st.data())
@EDITS
def test_removing_a_key_leaves_everyone_else(written: tuple[str, Any], draw: st.DataObject) -> None:
    """The lines that the key, its value and its comment do not stand on stay, but for a comma and blanks."""
    text, data = written
    route = draw.draw(st.sampled_from(keys_of(data)))
    parsed = document(text)

    after = remove_key(text, parsed, route)

    wanted = deepcopy(data)
    del at(wanted, route[:-1])[route[-1]]
    assert meaning(after) == wanted
    assert list(at(meaning(after), route[:-1])) == list(at(wanted, route[:-1]))
    same_around(text, after)
    lines = text.split("\n")
    first, last = parsed.places[route].key.line - 1, parsed.places[route].value.end_line
    first -= lines[first - 1].strip("- \r") == "? # why"
    indent = len(lines[first]) - len(lines[first].lstrip())
    while first and lines[first - 1].startswith(" " * indent + "#"):
        first -= 1
    remaining = iter(after)
    assert all(letter in remaining for letter in "".join(lines[:first] + lines[last:]) if letter.strip().strip(","))


def test_what_is_asked_of_the_wrong_place_is_refused() -> None:
    """A caller's mistake is not written into a file."""
    text = "a: {b: 1}\nc:\n  d: 1\ne: [x]\n"
    parsed = document(text)

    with pytest.raises(ValueError, match="cannot be added"):
        insert_key(text, parsed, ("a",), "b", 2)
    with pytest.raises(ValueError, match="cannot be added"):
        insert_key(text, parsed, ("e",), "b", 2)
    with pytest.raises(ValueError, match="a block stands"):
        set_value(text, parsed, ("c",), 2)
    with pytest.raises(ValueError, match="no key"):
        remove_key(text, parsed, ("e", 0))
    with pytest.raises(KeyError):
        set_value(text, parsed, ("nowhere",), 2)


def test_an_edit_looks_as_a_person_would_have_made_it() -> None:
    """Whole texts, before and after."""
    text = (
        "spec:\n"
        "  joined: 2006-10-10 # the day\n"
        "  # where it is\n"
        "  site: 'hill'\n"
        "  uses:\n"
        "    ledger: {from: 2007-01-01}\n"
        "    offers:\n"
        "    - a # first\n"
        "    - b\n"
        "\n"
        "# the end\n"
    )

    def edited(change: Any, *words: Any, **more: Any) -> str:
        return change(text, document(text), *words, **more)

    assert edited(insert_key, ("spec",), "leaves", date(2008, 1, 1), after="joined") == text.replace(
        "# the day\n", "# the day\n  leaves: 2008-01-01\n"
    )
    assert edited(insert_key, ("spec", "uses", "ledger"), "until", date(2009, 1, 1)) == text.replace(
        "01-01}", "01-01, until: 2009-01-01}"
    )
    assert edited(set_value, ("spec", "site"), "vale") == text.replace("'hill'", "'vale'")
    assert edited(remove_key, ("spec", "site")) == text.replace("  # where it is\n  site: 'hill'\n", "")
    assert edited(remove_key, ("spec", "uses", "ledger", "from")) == text.replace("{from: 2007-01-01}", "{}")


EXPLICIT = "top:\n  ? a # first\n  : 1\n  # about b\n  ?\n    b\n  : {? x : 1, ? y}\n  ? c # no value\n  ? d\n"


@pytest.mark.parametrize(
    ("edit", "data"),
    [
        (lambda text: insert_key(text, document(text), ("top",), "e", 5), {"e": 5}),
        (lambda text: insert_key(text, document(text), ("top",), "e", 5, after="a"), {"e": 5}),
        (lambda text: insert_key(text, document(text), ("top",), "e", 5, after="c"), {"e": 5}),
        (lambda text: insert_key(text, document(text), ("top", "b"), "e", 5), {"b": {"x": 1, "y": None, "e": 5}}),
        (lambda text: set_value(text, document(text), ("top", "a"), 5), {"a": 5}),
        (lambda text: set_value(text, document(text), ("top", "c"), 5), {"c": 5}),
        (lambda text: set_value(text, document(text), ("top", "d"), 5), {"d": 5}),
        (lambda text: set_value(text, document(text), ("top", "b", "y"), 5), {"b": {"x": 1, "y": 5}}),
        (lambda text: remove_key(text, document(text), ("top", "a")), {"a": ...}),
        (lambda text: remove_key(text, document(text), ("top", "b")), {"b": ...}),
        (lambda text: remove_key(text, document(text), ("top", "c")), {"c": ...}),
        (lambda text: remove_key(text, document(text), ("top", "d")), {"d": ...}),
        (lambda text: remove_key(text, document(text), ("top", "b", "x")), {"b": {"y": None}}),
        (lambda text: remove_key(text, document(text), ("top", "b", "y")), {"b": {"x": 1}}),
        (lambda text: rename_keys(text, document(text), {("top", "b"): "z"}), {"b": ..., "z": {"x": 1, "y": None}}),
        (lambda text: rename_keys(text, document(text), {("top", "d"): "z"}), {"d": ..., "z": None}),
    ],
)
def test_explicit_keys(edit: Callable[[str], str], data: dict[str, Any]) -> None:
    """A key behind a question mark is one like others, and need not have a value."""
    before = {"a": 1, "b": {"x": 1, "y": None}, "c": None, "d": None}
    assert meaning(EXPLICIT) == {"top": before}

    after = edit(EXPLICIT)

    wanted = {key: value for key, value in {**before, **data}.items() if value is not ...}
    assert meaning(after) == {"top": wanted}, after
