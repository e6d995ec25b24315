"""Reading YAML: the core schema of 1.2, exact places, and hostile input turned down in a few words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moothall.language.yaml.yaml12 import DEEPEST, MOST_VALUES, parse, walked
from moothall.source import Document, Place, Route


def read(text: str) -> Document:
    """Return the document in `text`, which must be sound."""
    document, findings = parse("a.yaml", text)
    assert document is not None, findings
    return document


def rules(text: str) -> list[str]:
    """Return the rules that speak about `text`."""
    return [finding.rule for finding in parse("a.yaml", text)[1]]


def between(text: str, place: Place) -> str:
    """Return the text of a value's span, with spaces before it so that its columns stay."""
    span = place.value
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = " " * (span.column - 1) + lines[0][span.column - 1 :]
    return "\n".join(lines)


class TestCoreSchema:
    """What plain scalars mean."""

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("no", "no"),
            ("2006-10-10", "2006-10-10"),
            ("22:30", "22:30"),
            ("014", 14),
            ("0o14", 12),
            ("0xff", 255),
            ("-7", -7),
            ("1_000", "1_000"),
            ("1e3", 1000.0),
            (".5", 0.5),
            ("1.", 1.0),
            ("True", True),
            ("~", None),
            ("", None),
            ("'~'", "~"),
            ('"12"', "12"),
            ("-", "-"),
            ("10.20.0.0/16", "10.20.0.0/16"),
        ],
    )
    def test_a_scalar_means_what_yaml_1_2_says(self, text: str, value: object) -> None:
        """A plain scalar is text unless the core schema says otherwise; a quoted one always is."""
        data: Any = read(f"key: {text}" if text != "-" else 'key: "-"').data

        assert {"key": value} == data
        assert type(value) is type(data["key"])

    def test_keys_are_text(self) -> None:
        """Even a key that looks like a number, a truth value or nothing is text."""
        assert read('1: a\ntrue: b\n~: c\n"": d\n').data == {"1": "a", "true": "b", "~": "c", "": "d"}


class TestPlaces:
    """Where keys and values stand."""

    def test_key_and_value_have_places(self) -> None:
        """Lines and columns count from 1, columns in characters, and the end is exclusive."""
        place = read("é:\n  ключ: 🎈 b\n").place(("é", "ключ"))

        assert (place.key.line, place.key.column, place.key.end_line, place.key.end_column) == (2, 3, 2, 7)
        assert (place.value.line, place.value.column, place.value.end_line, place.value.end_column) == (2, 9, 2, 12)

    def test_a_missing_key_has_the_place_of_its_parent(self) -> None:
        """Asked for a route that is not there, a document gives the nearest parent that is."""
        document = read("a:\n  b: c\n")

        assert document.place(("a",)) == document.place(("a", "x", 1))

    def test_a_block_ends_with_its_last_value(self) -> None:
        """A block collection does not reach over the comments and empty lines after it."""
        span = read("a:\n  b: c\n\n# note\nd: e\n").place(("a",)).value

        assert (span.line, span.column, span.end_line, span.end_column) == (2, 3, 2, 7)

    def test_windows_line_ends_change_nothing(self) -> None:
        """CRLF gives the same data and places as LF."""
        text = "a:\n  - b\n  - {c: d}\n"
        unix, windows = read(text), read(text.replace("\n", "\r\n"))

        assert unix.data == windows.data
        assert dict(unix.places) == dict(windows.places)


# What `sources` lets through: no line separators but those that editors know, no byte order mark.
TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"], exclude_characters="\ufeff"), max_size=12
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**16), 10**16) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc-é", max_size=5), inner, max_size=4),
    max_leaves=20,
)


def routes(data: object, route: Route = ()) -> list[Route]:
    """Return every route in plain data."""
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [route, *(found for step, value in steps for found in routes(value, (*route, step)))]


def at(data: Any, route: Route) -> object:
    """Return what stands at a route of plain data."""
    for step in route:
        data = data[step]
    return data


def block(data: object, indent: int = 0) -> str:
    """Write data in block style, empty collections and scalars in JSON."""
    pad = " " * indent
    if isinstance(data, dict) and data:
        return "".join(
            f"\n{pad}{json.dumps(key, ensure_ascii=False)}:{block(value, indent + 2)}" for key, value in data.items()
        )
    if isinstance(data, list) and data:
        return "".join(f"\n{pad}-{block(value, indent + 2)}" for value in data)
    return f" {json.dumps(data, ensure_ascii=False)}"


class TestRoundTrip:
    """Data written down and read again, whole and piece by piece."""

    @given(VALUES, st.booleans())
    @settings(max_examples=100, deadline=None)
    def test_the_text_at_each_place_reads_as_the_value(self, data: object, flow: bool) -> None:
        """Cut out of the file, the span of any value reads as that value, in block and in flow style."""
        text = json.dumps(data, indent=1, ensure_ascii=False) if flow else block(data).lstrip("\n")
        document = read(text)

        assert data == document.data
        for route in routes(data):
            assert at(data, route) == read(between(text, document.place(route))).data


class TestHostile:
    """Input that would hurt a careless reader."""

    def test_fifty_thousand_brackets(self) -> None:
        """Nesting stops at a fixed depth, long before the parser's own stack does."""
        assert rules("[" * 50_000) == ["yaml-depth"]
        assert rules("a: " + "[" * (DEEPEST) + "]" * (DEEPEST)) == ["yaml-depth"]
        assert rules("a: " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)) == []

    def test_a_bomb_of_aliases(self) -> None:
        """Aliases are not followed at all, so that nothing can grow."""
        bomb = "a: &a [x, x, x]\n" + "".join(
            f"{new}: &{new} [*{old}, *{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        )

        assert {"yaml-alias"} == set(rules(bomb))

    @pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [ls]", "!custom x", "!!str 1", "! x"])
    def test_tags(self, tag: str) -> None:
        """No tag is obeyed."""
        assert rules(f"key: {tag}") == ["yaml-tag"]

    @pytest.mark.parametrize("number", ["9" * 5000, "0x" + "f" * 5000, "1e400", ".inf", "-.INF", ".nan"])
    def test_numbers_beyond_reason(self, number: str) -> None:
        """A number that could not be held exactly everywhere is a finding, not a crash."""
        assert rules(f"key: {number}") == ["yaml-number"]

    def test_a_lone_surrogate_is_not_let_in(self) -> None:
        """An escape that is no character is a fault of the YAML."""
        assert rules('key: "\\ud800"') == ["yaml-syntax"]

    @given(st.text(st.sampled_from("ab: \n-[]{}&*!|>'\"#%@`,?~<\t0"), max_size=60))
    @settings(max_examples=300, deadline=None)
    def test_no_text_crashes_the_reader(self, text: str) -> None:
        """Whatever is written, there is either a document or a finding, never both and never an exception."""
        document, findings = parse("a.yaml", text)

        assert (document is None) == bool(findings)

    @given(st.text(st.sampled_from("ab: \n-[]{}&*!|>'\"#%@`,?~<\t0"), max_size=60) | VALUES.map(block))
    @example("<<<<<<< HEAD\n")
    @settings(max_examples=300, deadline=None)
    def test_the_quick_look_sees_what_the_close_one_does(self, text: str) -> None:
        """Whether places were kept while reading makes no difference to what is read and found."""
        quick, quick_findings = parse("a.yaml", text)
        close, close_findings = walked("a.yaml", text)

        assert quick_findings == close_findings
        assert (quick and quick.data) == (close and close.data)

    def test_very_many_values(self) -> None:
        """More values than anybody writes are refused, however little room they take."""
        fits = "[" + "a," * (MOST_VALUES - 1) + "]"

        assert rules(fits) == []
        assert rules(fits.replace("]", "a]")) == ["file-too-large"]

    def test_every_fault_is_told(self) -> None:
        """One run names all faults of a file that can still be followed."""
        assert rules("a: !x 1\nb: 2\nb: 3\nc: .inf\n") == ["yaml-tag", "yaml-duplicate-key", "yaml-number"]
