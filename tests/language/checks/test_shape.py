"""`jsonschema_rs` decides about the shape of a file, and `jsonschema` explains what it has refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from moothall import paths
from moothall.diagnostics import Diagnostic
from moothall.language.schema import schema_errors
from moothall.language.schema.shape import shape
from moothall.language.yaml.yaml12 import parse
from moothall.source import Document

CASES = paths.PROJECT / "tests" / "cases"
COUNCIL = CASES / "valid" / "two-councils" / "partnerships" / "dales" / "councils" / "alston.yaml"


def council(*changes: tuple[str, str]) -> Document:
    """Return the document of a sound council with some of its text replaced."""
    text = COUNCIL.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    document, findings = parse("alston.yaml", text)
    assert document, findings
    return document


def found(*changes: tuple[str, str]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the shape of a council so changed."""
    return shape(council(*changes), "council", paths.SCHEMAS)


@pytest.mark.parametrize(("case", "explained"), [("valid/two-councils", False), ("invalid/wrong-value", True)])
def test_what_explains_is_loaded_where_there_is_something_to_explain(case: str, explained: bool) -> None:
    """Sound definitions load neither it nor what writes YAML."""
    program = "import sys; from moothall.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", program, "validate", "--no-cache", "--root", str(CASES / case)]
    loaded = set(subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stderr.split())

    assert "jsonschema_rs" in loaded
    assert ("jsonschema" in loaded) == explained
    assert "ruamel" not in loaded


def test_a_line_break_at_the_end_is_seen() -> None:
    """To Python's regular expressions `$` is also before it; those of JSON Schema are ECMAScript's."""
    [finding] = found(("site: hill", 'site: "hill\\n"'))

    assert finding.summary == '"hill\n" is not a name'


def test_a_list_of_many_kinds_is_looked_through_once() -> None:
    """Values without an order make `jsonschema` itself compare each with each: minutes for what one file may hold."""
    numbers = ", ".join(f"{number}, a{number}" for number in range(6000))

    findings = found(("  uses:", f"  offered: {{ledger: [{numbers}, a1]}}\n  uses:"))

    assert [each.summary for each in findings if each.rule == "wrong-value"] == ['"a1" is named twice']


def test_what_stands_below_an_empty_key_is_found() -> None:
    """`jsonschema_rs` leaves the empty step out of the way to a value: that was a bug with a log."""
    name, mistyped = found(("    ledger:\n      from: 2007-01-01\n", '    "":\n      from: 1\n'))

    assert name.summary == '"" is not a name'
    assert (mistyped.summary, mistyped.primary.span.line) == ('"from" is a whole number, not text', 13)


def test_of_two_dates_beside_planned_each_is_named() -> None:
    """`jsonschema` names their mapping twice."""
    findings = found(("      from: 2007-01-01\n", "      from: 2007-01-01\n      planned: true\n"))

    assert [each.summary.split(" and ")[0] for each in findings] == ['"from"', '"until"']


def test_of_alternatives_the_nearest_is_explained(tmp_path: Path) -> None:
    """No schema of ours has any yet; whoever adds one is not told that "nothing of it matches"."""
    schema = json.loads((paths.SCHEMAS / "council.schema.json").read_text(encoding="utf-8"))
    amount = {"title": "amount", "description": "1 or more.", "type": "integer", "minimum": 1}
    schema["properties"]["spec"]["properties"]["site"] = {"anyOf": [amount, {"$ref": "#/$defs/name"}]}
    (tmp_path / "council.schema.json").write_text(json.dumps(schema), encoding="utf-8")

    [text] = shape(council(("site: hill", "site: Hill Top")), "council", tmp_path)
    [number] = shape(council(("site: hill", "site: 0")), "council", tmp_path)

    assert (text.summary, number.summary) == ('"Hill Top" is not a name', '"0" is not an amount')


def test_what_is_refused_and_not_explained_is_still_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two libraries may differ, and the file must not pass for sound."""

    def nothing(schema: object, data: object) -> Iterator[schema_errors.SchemaError]:
        return iter(())

    monkeypatch.setattr(schema_errors, "schema_errors", nothing)

    [finding] = found(("site: hill", "site: 1"))

    assert finding.summary == "the file is not a council as docs/reference.md describes it"
    assert finding.primary.span.line == 1
