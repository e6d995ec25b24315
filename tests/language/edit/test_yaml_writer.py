"""What is written as a whole says what it should to every reader, and looks as if somebody here had written it."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.language.edit.test_wording import WORDS

from moothall import paths
from moothall.language.edit.scalars import inline_yaml
from moothall.language.edit.yaml_writer import CommentedValue, InlineMapping, QuotedText, yaml_text
from moothall.language.files.sources import decode_text
from moothall.language.yaml.yaml12 import parse
from moothall.model.characters import UNSEEN

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
ODD = st.sampled_from(
    [*WORDS, "a b " * 90, "tab\there", "line\nbreak", "\x7f\x85", "\u2028", "\u200b", "\ufeff", "é 🏛"]
)
TEXTS = ODD | ANY | st.from_regex(r"[-+.0-9_eE:xo]{1,12}", fullmatch=True) | st.dates().map(str)
SCALARS = TEXTS | st.integers(-(10**15), 10**15) | st.booleans() | st.dates() | st.uuids() | TEXTS.map(QuotedText)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=12)
        | st.dictionaries(TEXTS, inner, max_size=4)
        | st.dictionaries(TEXTS, inner, max_size=4).map(InlineMapping)
    ),
    max_leaves=12,
)


def plain(value: Any) -> Any:
    """Return what a reader shall make of a value: days and identities are text to it."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, (date, UUID, str)) else value


def read(text: str) -> Any:
    """Return what our own reader makes of a file, which must have nothing against it."""
    [_, refused] = decode_text("a.yaml", text.encode())
    assert refused is None
    document, findings = parse("a.yaml", text)
    assert document and not findings
    return document.data


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5))
@settings(max_examples=300, deadline=None)
def test_what_goes_in_comes_out(data: dict[str, Any]) -> None:
    """Whatever the text, the number, the day or the key is; nothing stands in the file that may not."""
    assert read(yaml_text(data)) == plain(data)


@given(TEXTS)
def test_text_is_written_as_by_a_change_of_one_value(text: str) -> None:
    """And readers of YAML 1.1 take it for the same text."""
    line = yaml_text({"key": text})

    assert line == f"key: {inline_yaml(text)}\n"
    assert yaml.safe_load(line) == {"key": text}


@pytest.mark.parametrize("character", ["\u200b", "\u202e", "\u00ad", "\U000e0041", "\x7f", "\x85", "\u2028", "\ufeff"])
def test_what_nobody_sees_is_escaped(character: str) -> None:
    """Our own reader refuses it, in quotes too."""
    assert character in "\x7f\x85" or character in UNSEEN or character > "\u2027"
    assert character not in yaml_text({"why": QuotedText(f"a{character}b"), character: [character]})


def test_a_file_looks_as_people_write_one() -> None:
    """Keys in the order in which they are given; brackets for what is short, lines for what is long."""
    data = {
        "kind": "Partnership",
        "agreed": date(2006, 10, 10),
        "uid": UUID("00000010-0000-4000-8000-000000000000"),
        "domain": CommentedValue("dales.test", "that of another"),
        "parties": ["alston"],
        "site": InlineMapping(owner="alston", network="10.1.0.0/16", transit=True),
        "uses": {"ledger": {}, "erp": {"modules": {"finance": {}}, "desk-port": 8443}},
        "offered": {"erp": [f"module-{number}" for number in range(10)], "crm": [f"m-{number}" for number in range(9)]},
        "why": QuotedText("a test"),
        "title": "Alston: a town",
    }

    assert yaml_text(data) == (
        "kind: Partnership\n"
        "agreed: 2006-10-10\n"
        "uid: 00000010-0000-4000-8000-000000000000\n"
        "domain: dales.test # that of another\n"
        "parties: [alston]\n"
        "site: {owner: alston, network: 10.1.0.0/16, transit: true}\n"
        "uses:\n  ledger: {}\n  erp:\n    modules:\n      finance: {}\n    desk-port: 8443\n"
        "offered:\n  erp:\n" + "".join(f"    - module-{number}\n" for number in range(10)) + "  crm: [m-0, m-1, m-2, "
        "m-3, m-4, m-5, m-6, m-7, m-8]\n"
        'why: "a test"\n'
        'title: "Alston: a town"\n'
    )


@pytest.mark.parametrize("width", [100, 101])
def test_a_list_is_in_brackets_up_to_a_hundred_characters(width: int) -> None:
    """Its key and what stands before it count."""
    word = "x" * (width - len("  erp: [finance, ]"))

    text = yaml_text({"offered": {"erp": ["finance", word]}})

    assert ("[" in text) == (width == 100)
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("words", [["plan"], ["onboard", "--help"], ["explain", "alston"]], ids=" ".join)
def test_what_writes_nothing_does_not_load_it(words: list[str]) -> None:
    """A start costs what it did."""
    root = paths.PROJECT / "tests" / "cases" / "valid" / "two-councils"
    program = (
        "import sys\nfrom moothall.cli import main\n"
        "try: main(sys.argv[1:])\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, *words, "--root", str(root)]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)

    loaded = set(ran.stderr.split())
    assert "moothall.cli" in loaded
    assert not loaded & {"ruamel", "jsonschema"}
