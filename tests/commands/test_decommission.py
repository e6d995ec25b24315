"""`decommission` writes the leaving state into a file, and nothing that would be invalid."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.commands.front_door import ALSTON, PARTNERSHIP, contents, moothall, replace, sound_root, typed

from moothall.failures import BLOCKED, INVALID, OK, USAGE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a sound root."""
    return sound_root(tmp_path)


def test_a_council_leaves(root: Path) -> None:
    """One line more, shown and written."""
    before = contents(root)

    ran = moothall("decommission", root, "alston", "--from", "2012-04-01", "--yes")

    assert (ran.returncode, ran.stderr) == (OK, "")
    assert ran.stdout == (
        f"--- a/{ALSTON}\n+++ b/{ALSTON}\n@@ -6,6 +6,7 @@\n"
        "   title: Alston Council\n spec:\n   joined: 2006-10-10\n+  leaves: 2012-04-01\n"
        "   site: hill\n   network: 10.1.8.0/24\n   uses:\n"
        f"\nwritten: {ALSTON}\n"
    )
    right = before[ALSTON].replace(b"joined: 2006-10-10\n", b"joined: 2006-10-10\n  leaves: 2012-04-01\n")
    assert contents(root) == before | {ALSTON: right}


def test_explicit_keys_are_keys(root: Path) -> None:
    """`? joined` is one way to write it; the day stands in the column of the question mark."""
    replace(root, ALSTON, "  joined: 2006-10-10\n", "  ? joined\n  : 2006-10-10\n")

    ran = moothall("decommission", root, "alston", "--from", "2012-04-01", "--notice-given", "2011-01-01", "--yes")

    assert (ran.returncode, ran.stderr) == (OK, "")
    assert "  ? joined\n   : 2006-10-10\n+  notice-given: 2011-01-01\n+  leaves: 2012-04-01\n" in ran.stdout
    assert moothall("validate", root).returncode == OK


def test_it_is_said_once(root: Path) -> None:
    """The same day again changes nothing; another day changes the day."""
    moothall("decommission", root, "alston", "--from", "2012-04-01", "--yes")
    once = contents(root)

    again = moothall("decommission", root, "alston", "--from", "2012-04-01", "--yes")
    assert (again.returncode, again.stdout) == (OK, "nothing to change\n")
    assert contents(root) == once
    moothall("decommission", root, "alston", "--from", "2012-05-01", "--yes")
    assert contents(root)[ALSTON] == once[ALSTON].replace(b"2012-04-01", b"2012-05-01")


def test_the_file_stays_as_it_was_written(root: Path) -> None:
    """CRLF, comments, quotes and order."""
    file = root / ALSTON
    text = file.read_bytes().replace(b"joined: 2006-10-10", b"joined: '2006-10-10' # d\xc3\xa9cid\xc3\xa9")
    text = text.replace(b"\n", b"\r\n")
    file.write_bytes(text)

    moothall("decommission", root, "alston", "--from", "2012-04-01", "--yes")

    line = b"# d\xc3\xa9cid\xc3\xa9\r\n"
    assert file.read_bytes() == text.replace(line, line + b"  leaves: 2012-04-01\r\n")


def test_what_would_be_invalid_is_refused(root: Path) -> None:
    """It still uses an instance after that day: told with its place, and nothing is written."""
    before = contents(root)

    ran = moothall("decommission", root, "alston", "--from", "2009-01-01", "--yes")

    assert ran.returncode == INVALID
    assert "error[dates-out-of-order]" in ran.stdout
    assert ran.stderr == "refused, nothing was written: the definitions would be invalid\n"
    assert contents(root) == before


def test_notice_is_written_where_the_terms_ask_for_it(root: Path) -> None:
    """On the day of --as-of, or on the one that is given; too late is refused."""
    replace(root, PARTNERSHIP, "  agreed: 2006-10-10\n", "  agreed: 2006-10-10\n  exit: {notice: 90d, keep: 30d}\n")

    late = moothall("decommission", root, "alston", "--from", "2012-04-01", "--as-of", "2012-03-01", "--yes")
    assert late.returncode == INVALID
    assert "error[leaving-without-notice]" in late.stdout
    good = moothall("decommission", root, "alston", "--from", "2012-04-01", "--as-of", "2012-01-01", "--yes")
    assert good.returncode == OK
    assert b"joined: 2006-10-10\n  notice-given: 2012-01-01\n  leaves: 2012-04-01\n" in contents(root)[ALSTON]


def test_nobody_is_asked_where_nobody_is(root: Path) -> None:
    """In a pipeline it takes --yes; --dry-run shows and writes nothing."""
    before = contents(root)

    ran = moothall("decommission", root, "alston", "--from", "2012-04-01")
    dry = moothall("decommission", root, "alston", "--from", "2012-04-01", "--dry-run", "--format", "json")

    assert (ran.returncode, ran.stdout) == (BLOCKED, "")
    view = json.loads(dry.stdout)
    assert (dry.returncode, view["written"], view["files"]) == (OK, False, [ALSTON])
    assert "+  leaves: 2012-04-01" in view["diff"]
    assert contents(root) == before


@pytest.mark.parametrize(("answer", "code"), [("yes", OK), ("y", BLOCKED), ("", BLOCKED)])
def test_somebody_at_the_keyboard_decides(root: Path, answer: str, code: int) -> None:
    """The diff is shown before the question, and only yes writes."""
    before = contents(root)

    ran = typed("decommission", root, "alston", "--from", "2012-04-01", answers=[answer])

    assert ran.returncode == code
    assert "+  leaves: 2012-04-01" in ran.stderr
    assert (contents(root) != before) == (code == OK)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["alstn", "--from", "2012-04-01"], "moothall decommission alston --from 2012-04-01"),
        (["alston", "--from", "2012-4-1"], "moothall decommission --help"),
        (["alston"], "moothall decommission --help"),
        (["alston", "--from", "2012-04-01", "--freeze"], "moothall decommission --help"),
        (["alston", "--freeze", "--thaw"], "moothall decommission --help"),
        (["alstn", "--export", "there"], "moothall decommission alston"),
    ],
)
def test_misuse_is_told(root: Path, words: list[str], hint: str) -> None:
    """A name or a day that is none."""
    ran = moothall("decommission", root, *words)

    assert (ran.returncode, ran.stdout) == (USAGE, "")
    assert hint in ran.stderr


def test_what_is_no_export_is_told(root: Path) -> None:
    """A folder that is not there, and one that holds something else."""
    for folder in (root / "nowhere", root):
        ran = moothall("decommission", root, "alston", "--rehearse", str(folder))

        assert ran.returncode == 1
        assert f"{folder} is no export" in ran.stderr
        assert "moothall decommission COUNCIL --export DIR" in ran.stderr
