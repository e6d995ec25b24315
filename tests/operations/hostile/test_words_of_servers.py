"""Names and words that stand in a tenant's database, wherever a command shows them or writes them down."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import servers
from tests.fakes.dales import NEW, PRIMARY
from tests.fakes.machine import Machine
from tests.fakes.postgres import Database
from tests.hostile.front_door import Type
from tests.hostile.judges import judge
from tests.hostile.strings import MIXED, STRINGS
from tests.operations.drill.conftest import Operator

from moothall.docker_engine.one_off import ContainerResult
from moothall.failures import FAILED, OK

TEXTS = [text for text in STRINGS.values() if "\ud800" not in text]
FORMS = {".json": "json", ".md": "markdown", ".xml": "junit"}
"""The formats of what is written down."""
LETTER = b64encode(b"letter").decode()


def streamed(database: Database, script: str) -> ContainerResult:
    """Return what a script prints of a database whose attachments and modules are called as nobody should call them."""
    genuine = servers_streamed(database, script)
    if "pg_dump" not in script:
        return genuine
    lines = [line for line in genuine.err.splitlines() if line.startswith("table\t")]
    for number, text in enumerate(TEXTS):
        members: dict[str, Any] = {"id": number, "name": text, "resource": text, "type": text, "link": text}
        lines += [f"attachment\t{json.dumps(members)}\t{LETTER}", f"module\t{json.dumps({'name': text})}"]
    return genuine._replace(err="".join(f"{line}\n" for line in [*lines, "dump complete"]))


servers_streamed = servers.streamed


@pytest.fixture
def tenant(operator: Operator, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The database of one of the tenants, with all tables."""
    monkeypatch.setattr(servers, "streamed", streamed)
    databases = machine.cluster(PRIMARY).databases
    for database in databases["alston"], databases["carlin"]:
        database.tables |= {text: [NEW] for text in TEXTS}
        database.attachments = dict.fromkeys(range(len(TEXTS)), "letter")
    return databases["carlin"]


def judged(folder: Path) -> list[str]:
    """Return what is wrong with the files below a folder whose format is known, and with the names of all of them."""
    wrong = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder.parent).as_posix()
        wrong += [f"{name!r}: {complaint}" for complaint in judge("text", name)]
        if path.suffix in FORMS and "attachments" not in path.parts:
            text = path.read_text(encoding="utf-8")
            # The manifest is for programs, and holds each name as it is.
            complaints = [] if path.name == "manifest.json" else judge(FORMS[path.suffix], text)
            wrong += [f"{name}: {complaint}" for complaint in complaints]
    return wrong


def test_a_tenant_is_exported(operator: Operator, tenant: Database, tmp_path: Path, type_: Type) -> None:
    """Every attachment is a file in its folder, and no page has more than words of it."""
    target = tmp_path / "export"

    assert type_(operator.root, "decommission", "carlin", "--export", str(target)).code == OK
    assert judged(target) == []
    assert len(os.listdir(target / "ledger/attachments")) == len(TEXTS)
    assert not (tmp_path / "evil").exists()
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["tenants"]["ledger"]["tables"]) == {*TEXTS, "party_party"}


def test_what_was_changed_since_an_export(
    operator: Operator, machine: Machine, tenant: Database, tmp_path: Path, type_: Type
) -> None:
    """Tables that differ are named where their removal is refused."""
    target = str(tmp_path / "export")
    type_(operator.root, "decommission", "carlin", "--export", target, text_alone=True)
    words = ["decommission", "carlin", "--remove", target, "--confirm", "carlin", "--as-of", "2009-06-01"]
    for text in [*TEXTS, *MIXED]:
        tables = machine.cluster(PRIMARY).databases["carlin"].tables
        tables[text] = [*tables.get(text, []), NEW]
        assert type_(operator.root, *words, text_alone=True).code != OK
        tables[text] = tables[text][:-1] or tables.pop(text)


@pytest.mark.parametrize("words", [["restore", "ledger"], ["restore", "alston"], ["drill", "restore", "ledger"]])
def test_a_tenant_is_compared(operator: Operator, tenant: Database, words: list[str], type_: Type) -> None:
    """Tables are named where a copy differs from what runs, and in the evidence of a drill."""
    assert type_(operator.root, *words).code == OK
    assert judged(operator.root / "evidence") == []


def test_a_server_says_why_it_does_not(operator: Operator, type_: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words are those of a failure."""
    for text in TEXTS:
        refusal = ContainerResult(FAILED, text, f"{text}\nERROR:  {text}")
        monkeypatch.setattr(Machine, "_psql", lambda machine, made, command, refusal=refusal: refusal)
        words = ["decommission", "carlin", "--freeze", "--yes"]
        assert type_(operator.root, *words, text_alone=True).code != OK
