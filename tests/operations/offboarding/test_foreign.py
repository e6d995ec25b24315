"""What comes from a tenant's database, or in an export from wherever, is nobody's order: names lead nowhere."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from moothall.failures import Inconclusive
from moothall.operations.offboarding import manifest
from moothall.operations.offboarding.export import DUMP, export
from moothall.operations.offboarding.export_files import new_folder
from moothall.postgres import lines
from moothall.postgres.content import Table, tables
from moothall.postgres.session import Session

EVIL = base64.b64encode(b"* * * * * root id\n").decode()


class Saying(Session):
    """A session that says what a test has it say."""

    def __init__(self, *said: str) -> None:
        """Take the lines of its error stream."""
        object.__setattr__(self, "_said", said)
        object.__setattr__(self, "database", "crm")

    def stream(self, script: str, out: Any, heard: Any = None, **values: str) -> None:
        """Say them."""
        for line in self._said:  # type: ignore[attr-defined]
            heard(line)


def attachment(id_: object, name: object = "letter.pdf", **more: object) -> str:
    """Return a line as the script prints it for an attachment."""
    told = {"id": id_, "name": name, "resource": None, "type": "data", "link": None, **more}
    return f"attachment\t{json.dumps(told)}\t{EVIL}"


def below(folder: Path) -> list[str]:
    """Return every file below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "line",
    [
        attachment("../../../../etc/cron.d/x"),
        attachment("7"),
        attachment(True),
        attachment(-7),
        attachment(7.0),
        attachment(None),
        attachment(7, name=["a"]),
        attachment(7, name="\ud800"),
        attachment(7, more="than was asked for"),
        "attachment\t" + "[" * 100_000,
        "attachment\t{}",
        "attachment\tnonsense",
        attachment(7) + "!",
        'table\t{"table": "a", "rows": -1, "digest": "0"}',
        'table\t{"table": "a", "rows": "1", "digest": "0"}',
        'table\t{"table": "a", "rows": 1, "digest": "1; x"}',
        "table\ta\tb\t1\t2",
        'module\t{"name": 7}',
    ],
)
def test_what_is_not_as_it_was_asked_for_writes_nothing(tmp_path: Path, line: str) -> None:
    """Ids are whole numbers, names are text; nothing is written but below the export."""
    with pytest.raises(Inconclusive, match="crm cannot be exported: the database answers"):
        export(Saying(line, "dump complete"), tmp_path / "a/b/c/d/export")

    assert below(tmp_path) == [f"a/b/c/d/export/{DUMP}"]


def test_the_same_attachment_twice_is_refused(tmp_path: Path) -> None:
    """A view in the table's place may say anything."""
    with pytest.raises(Inconclusive, match=r"a file 7-letter\.pdf is there already"):
        export(Saying(attachment(7), attachment(7), "dump complete"), tmp_path / "export")


def test_names_stay_in_their_folder(tmp_path: Path) -> None:
    """Whatever an attachment is called."""
    names = ["../../x", "/etc/passwd", "..", "a\n\tb", "", "\u202egpj.exe", "x" * 5000]

    found = export(
        Saying(*(attachment(id_, name) for id_, name in enumerate(names)), "dump complete"), tmp_path / "out"
    )

    assert len(below(tmp_path)) == len(names) + 1
    assert below(tmp_path) == sorted([f"out/{DUMP}", *(f"out/{each['path']}" for each in found.attachments)])


def test_a_name_holds_no_line_of_its_own() -> None:
    """Line ends and tabs in names come escaped, and an odd separator is none."""
    names = ["a\tb", "a\nb", "a\u2028b", "a|b", "a\x85b"]
    said = [f"table\t{json.dumps({'table': name, 'rows': 1, 'digest': '-5'}, ensure_ascii=False)}" for name in names]
    heard: list[str] = []

    lines.Lines(heard.append).add("".join(f"{line}\n" for line in said).encode())

    assert tables(heard) == {name: Table(1, "-5") for name in names}


def test_a_line_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not kept until the machine has no memory left."""
    monkeypatch.setattr(lines, "LONGEST", 1000)
    taken = lines.Lines(lambda line: None)
    taken.add(b"x" * 900 + b"\n" + b"x" * 900)

    with pytest.raises(Inconclusive, match="a line of more than 1000 bytes"):
        taken.add(b"x" * 101)


def test_files_go_into_the_folder_that_was_made(tmp_path: Path) -> None:
    """Also when another stands in its place meanwhile; no link is followed, nothing is written over."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with new_folder(tmp_path / "in") as files:
        os.symlink(elsewhere / "target", tmp_path / "in/link")
        for name in ("link", "..", ".", "", "a/b", "/x", "a\0"):
            with pytest.raises(Inconclusive):
                files.write(name, b"evil")
        (tmp_path / "in").rename(tmp_path / "moved")
        os.symlink(elsewhere, tmp_path / "in")
        files.write("good", b"good")

    assert (tmp_path / "moved/good").read_bytes() == b"good"
    assert below(elsewhere) == []


def an_export(folder: Path, **changed: Any) -> Path:
    """Return an export of one tenant, of which some members of the manifest or the tenant are changed."""
    tenant = {
        "title": "Customer relations",
        "database": "alston",
        "frozen": True,
        "dump": "crm/database.dump",
        "modules": [],
        "trytonModules": {},
        "tables": {"a": {"rows": 1, "digest": "5"}},
        "attachments": [{"id": 7, "name": "a", "path": "crm/attachments/7-a"}],
    }
    whole = {
        "schemaVersion": 1,
        "council": {"name": "alston", "uid": "0b5e2a52-4d3c-4a4b-9a55-0d3a1f6f3a11", "title": "Alston Moor"},
        "partnership": "dales",
        "taken": "2026-11-28T12:00:00+00:00",
        "by": "moothall 1",
        "versions": {"postgresql": "15.18", "tryton": "8.0"},
    }
    tenant |= {key: value for key, value in changed.items() if key in tenant}
    whole |= {key: value for key, value in changed.items() if key in whole}
    (folder / "crm/attachments").mkdir(parents=True)
    (folder / "crm/database.dump").write_bytes(b"PGDMP")
    (folder / "crm/attachments/7-a").write_bytes(b"a")
    manifest.write(folder, {**whole, "tenants": changed.get("tenants", {"crm": tenant})})
    return folder


def test_a_sound_export_is_read(tmp_path: Path) -> None:
    """As it was written."""
    folder = an_export(tmp_path)

    assert manifest.find_deviations(folder, manifest.read(folder)) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"dump": "../../etc/shadow"},
        {"dump": "/etc/shadow"},
        {"database": "x/../../y"},
        {"database": "alston' options='-c x=y"},
        {"title": "a\nb"},
        {"attachments": [{"id": 7, "path": "crm/attachments/../../../x"}]},
        {"attachments": [{"id": "7", "path": "crm/attachments/7-a"}]},
        {"attachments": [{"id": 7, "path": "/etc/shadow"}]},
        {"attachments": {}},
        {"tables": {"a": {"rows": "1", "digest": "5"}}},
        {"tables": []},
        {"partnership": "../x"},
        {"council": {"name": "../x", "uid": "0b5e2a52-4d3c-4a4b-9a55-0d3a1f6f3a11", "title": "x"}},
        {"council": "alston"},
        {"tenants": {"../x": {}}},
        {"tenants": []},
        {"frozen": "yes"},
        {"versions": None},
    ],
)
def test_an_export_that_leads_elsewhere_is_none(tmp_path: Path, changed: dict[str, Any]) -> None:
    """Its names become paths, arguments and SQL."""
    with pytest.raises(Inconclusive, match=r"is no export: manifest\.json cannot be read"):
        manifest.read(an_export(tmp_path, **changed))


def test_a_link_in_an_export_is_told(tmp_path: Path) -> None:
    """It would be read, or copied, as if it were part of it."""
    folder = an_export(tmp_path)
    os.symlink("/etc/hostname", folder / "crm/attachments/8-b")

    assert manifest.find_deviations(folder, manifest.read(folder)) == ["crm/attachments/8-b is a link"]
