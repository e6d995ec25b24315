"""Keys, values, comments and names of files that nobody should write: the findings show them without harm."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.hostile.front_door import Type
from tests.hostile.strings import STRINGS
from tests.hostile.titled import define, scalar

from moothall.failures import INVALID

COUNCILS = "partnerships/dales/councils"
COUNCIL = """\
apiVersion: moothall/v1
kind: Council
metadata: {{name: {name}, uid: {text}, title: {text}}}
spec:
  joined: {text}
  site: {text}
  network: {text}
  uses:
    ledger: {{from: {text}, memory: {text}, share: {text}, modules: {{finance: {{}}, {text}: {{}}}}}}
    {text}: {{}}
  waivers: [{{rule: {text}, reason: {text}, until: {text}}}]
  {text}: {{}}
"""
PARTNERSHIP_PLACES = (
    ("parties: [alston, barton]", "parties: [alston, TEXT]"),
    ("domain: dales.test", "domain: TEXT"),
    ("{owner: barton, network: 10.3.0.0/16", "{owner: TEXT, network: 10.3.0.0/16"),
    ("between: [hill, vale]", "between: [hill, TEXT]"),
    ("host: alston", "host: TEXT"),
    ("product: tryton", "product: TEXT"),
    ("offers: [finance, procurement]", "offers: [finance, TEXT]"),
    ("provider: paywell", "provider: TEXT"),
    ("400000 GBP", "TEXT"),
    ("paywell: {", "TEXT: {"),
    ("recovery-point: 60s", "recovery-point: TEXT"),
    ("every: 1h", "TEXT: 1h"),
    ("shares:", "TEXT:"),
)
"""What is right in partnership.yaml, and the same with a text in its place."""
VERBS = (["validate"], ["plan"], ["graph"], ["onboard", "wear"])


def everywhere(root: Path, write: Callable[[str], str]) -> None:
    """Write a council for each string."""
    for number, text in enumerate(STRINGS.values()):
        data = write(text).encode("utf-8", "surrogatepass")
        (root / COUNCILS / f"c{number}.yaml").write_bytes(data)


def test_keys_and_values_of_councils(tmp_path: Path, type_: Type) -> None:
    """In every place of a council's file."""
    root = define(tmp_path, "good")
    everywhere(root, lambda text: COUNCIL.format(name=scalar(text), text=scalar(text)))

    for words in VERBS:
        assert type_(root, *words).code == INVALID


def test_keys_and_values_of_a_partnership(tmp_path: Path, type_: Type) -> None:
    """In places of a partnership's file, as many strings at a time as there are places."""
    path = define(tmp_path, "good") / "partnerships/dales/partnership.yaml"
    sound = path.read_text()
    texts = iter(STRINGS.values())
    while places := list(zip(PARTNERSHIP_PLACES, texts, strict=False)):
        changed = sound
        for (before, after), text in places:
            assert before in changed
            changed = changed.replace(before, after.replace("TEXT", scalar(text)))
        path.write_text(changed)
        assert type_(tmp_path, "validate").code == INVALID


@pytest.mark.parametrize(
    "form", ["kind: Council # {}\n", "kind: {}\n", "kind: !{} x\n", "{}: x\n", "- {}\n", "a: &{} b\n", "%{}\n", "'{}"]
)
def test_text_that_is_no_yaml(tmp_path: Path, form: str, type_: Type) -> None:
    """As it is, in comments, tags, anchors and in what no reader takes."""
    root = define(tmp_path, "good")
    everywhere(root, lambda text: form.replace("{}", text))

    assert type_(root, "validate").code == INVALID
    assert type_(root, "validate", "--fix", "--dry-run").code == INVALID


def test_names_of_files(tmp_path: Path, type_: Type) -> None:
    """Of councils, modules, partnerships and strays; also bytes that are no text."""
    root = define(tmp_path, "good")
    council = (root / COUNCILS / "alston.yaml").read_bytes()
    names = [os.fsencode(text) for text in STRINGS.values() if not {"\0", "/"} & set(text) and "\ud800" not in text]
    names = [name for name in names if len(name) < 200 and name not in (b".", b"..")] + [b"evil\xff\x9b31m"]
    for name in names:
        for folder in (COUNCILS, "partnerships"):
            (root / folder / os.fsdecode(name + b".yaml")).write_bytes(council)
        for folder in ("partnerships", "modules"):
            (root / folder / os.fsdecode(name)).mkdir()
            (root / folder / os.fsdecode(name) / "x.yaml").write_bytes(council)

    for words in VERBS:
        assert type_(root, *words).code == INVALID
    completed = type_(root, "completion", "--names", "partnership", "--names", "council")
    assert completed.out.split() == ["alston", "barton", "dales"]
