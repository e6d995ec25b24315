"""The laws of lifting a file: what it means stays, it is done once, and keys that nobody renamed stay to the byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.language.edit.yaml_writing import DATA, texts

from moothall import paths
from moothall.language.migration import lift, lift_below
from moothall.language.schema.renamed import NAMES
from moothall.language.schema.versions import CURRENT, OLD
from moothall.language.yaml.yaml12 import parse

LIFTS = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SHIPPED = sorted((paths.PROJECT / "partnerships").glob("*/partnership.yaml"))


def entries(section: str) -> st.SearchStrategy[Any]:
    """Return entries of a mapping below `spec`, with old names, new ones, both in any order, or neither."""
    names = [name for (where, old), new in NAMES.items() if where == section for name in (old, new)]
    keys = st.sampled_from([*names, *names, "network", "desks"])
    return st.dictionaries(st.sampled_from(["hill", "desk", "desk-port"]), st.dictionaries(keys, DATA) | DATA)


SPECS = st.fixed_dictionaries({}, optional={each: entries(each) for each in ("sites", "instances", "links")})
WRITTEN = texts(st.fixed_dictionaries({"apiVersion": st.sampled_from([CURRENT, *OLD]), "spec": SPECS | DATA}))


def renamed(data: dict[str, Any]) -> dict[str, Any]:
    """Return what the lifted data are to be, keys in their order."""
    spec = data["spec"]
    for section, old in NAMES if isinstance(spec, dict) else ():
        found = spec.get(section)
        for name, entry in found.items() if isinstance(found, dict) else ():
            if isinstance(entry, dict) and old in entry and NAMES[section, old] not in entry:
                found[name] = {NAMES[section, old] if key == old else key: value for key, value in entry.items()}
    return data | {"apiVersion": CURRENT}


@given(written=WRITTEN)
@LIFTS
def test_keys_are_renamed_where_they_stand_and_nothing_else(written: tuple[str, Any]) -> None:
    """In blocks and in brackets, in quotes and behind question marks; a second time there is nothing to do."""
    text, data = written
    lines = text.count("\n")

    lifted = lift("a.yaml", text) or text

    document, findings = parse("a.yaml", lifted)
    assert document, (findings, lifted)
    assert repr(document.data) == repr(renamed(data))  # which tells the order of keys too
    assert lifted.count("\n") == lines
    assert lift("a.yaml", lifted) is None


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.parent.name)
def test_what_was_written_with_old_names_is_as_if_written_today(file: Path) -> None:
    """To the byte, so that it compiles to the same plan."""
    today = file.read_text(encoding="utf-8")
    before = today
    for (_, old), new in NAMES.items():
        before = before.replace(f" {new}: ", f" {old}: ")
    assert before != today

    assert lift(file.name, before) == today


def test_a_copy_is_lifted_whole(tmp_path: Path) -> None:
    """What cannot be read is left as it is, for `validate` to tell."""
    odd = {
        "a/odd.yaml": b"spec: \xff",
        "a/b/torn.yaml": b"spec: [",
        "now.yaml": b"kind: Council\n",
        "README.md": b"desk",
    }
    old = {"a/b/old.yaml": b"spec: {sites: {hill: {desk: 1}}}\n"}
    for name, data in (odd | old).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)

    lift_below(tmp_path)

    after = {name: (tmp_path / name).read_bytes() for name in odd | old}
    assert after == odd | {"a/b/old.yaml": b"spec: {sites: {hill: {local-access: 1}}}\n"}
