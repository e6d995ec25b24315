"""How values are written: what readers of YAML 1.1 and 1.2 take for text where it is text."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from moothall.language.edit.scalars import in_quotes_of, inline_yaml
from moothall.language.yaml.yaml12 import parse

WORDS = (
    "yes",
    "No",
    "ON",
    "off",
    "y",
    "N",
    "null",
    "True",
    "~",
    "2020-01-01",
    "10.1.0.0/16",
    "1h",
    "1:30",
    "1e3",
    "0x1f",
    "",
)


@given(st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp"])))
@example("2020-01-01")
@example("no")
def test_text_is_text_to_every_reader(text: str) -> None:
    """PyYAML reads YAML 1.1 (https://yaml.org/type/), we read 1.2."""
    document, _ = parse("a.yaml", f"key: {inline_yaml(text)}\n")

    assert document and document.data == {"key": text}
    assert yaml.safe_load(f"key: {inline_yaml(text)}\n") == {"key": text}


@pytest.mark.parametrize("text", ["y", "Y", "n", "yes", "Off", "on", "2020-01-01"])
def test_what_yaml_1_1_reads_as_something_else_is_in_quotes(text: str) -> None:
    """Also the two letters that PyYAML leaves alone."""
    assert inline_yaml(text) == f'"{text}"'
    assert inline_yaml({text: [text]}) == f'{{"{text}": ["{text}"]}}'


def test_a_day_is_written_as_in_all_definitions() -> None:
    """Plain, or in the quotes that were there."""
    day = date(2028, 4, 1)

    assert inline_yaml(day) == "2028-04-01"
    assert in_quotes_of(day, "2006-10-10") == "2028-04-01"
    assert in_quotes_of(day, "'2006-10-10'") == "'2028-04-01'"
