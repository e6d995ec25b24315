"""Which files count, and files that cannot be used."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from moothall.language.edit.scalars import quote
from moothall.language.files.listing import COUNCIL, PARTNERSHIP
from moothall.language.files.sources import MOST_BYTES, decode_text, sources
from moothall.language.yaml.plainly import plainly

PATH = "partnerships/dales/councils/alston.yaml"


def root_with(folder: Path, data: bytes) -> Path:
    """Make a root with one partnership whose only council's file holds `data`."""
    place = folder / PATH
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    (place.parents[1] / "partnership.yaml").write_text("kind: Partnership\n")
    return folder


def found_out(root: Path) -> list[tuple[str, int, int]]:
    """Return rule, line and column of the findings."""
    _, findings = sources(root, None)
    return [(finding.rule, finding.primary.span.line, finding.primary.span.column) for finding in findings]


def test_files_at_the_fixed_places_are_read(tmp_path: Path) -> None:
    """Partnerships and councils are found by their place, in order of their paths."""
    found, findings = sources(root_with(tmp_path, b"kind: Council\n"), None)

    assert [(s.kind, s.text) for s in found] == [(PARTNERSHIP, "kind: Partnership\n"), (COUNCIL, "kind: Council\n")]
    assert findings == ()


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    """A mark that an editor has put before the text is no part of it."""
    found, findings = sources(root_with(tmp_path, b"\xef\xbb\xbfkind: Council\n"), None)

    assert found[-1].text == "kind: Council\n"
    assert findings == ()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: b\nc: \x00d\n", ("file-character", 2, 4)),
        (b"a: \x1b[31m\n", ("file-character", 1, 4)),
        (b"a: b\rc: d\n", ("file-character", 1, 5)),
        ("a: é\u2028b\n".encode(), ("file-character", 1, 5)),
        ("a: \x85b\n".encode(), ("file-character", 1, 4)),
        ("a: b\n\ufeffc: d\n".encode(), ("file-character", 2, 1)),
        (b"a: \xff\xfe\n", ("file-encoding", 1, 4)),
        ("\ufeffa: b\n".encode("utf-16-be"), ("file-encoding", 1, 1)),
        (b"\xef\xbb\xbfa: \xff\n", ("file-encoding", 1, 4)),
        (b"#" * (MOST_BYTES + 1), ("file-too-large", 1, 1)),
        (b"a" * 10_000_000, ("file-too-large", 1, 1)),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_used_is_found_out_at_its_place(
    tmp_path: Path, data: bytes, expected: tuple[str, int, int]
) -> None:
    """Text that is too large, not UTF-8 or holds a character that hides is a finding where it stands."""
    assert [expected] == found_out(root_with(tmp_path, data))


def test_every_character_that_nobody_sees_is_refused() -> None:
    """Of all characters those of the categories Cc, Cf, Zl and Zp are refused, but for tabs and ends of lines."""
    fit = {"\t", "\n"}
    unseen = [char for char in map(chr, range(0x110000)) if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")]

    assert {char for char in unseen if decode_text("x", f"a{char}b".encode())[1] is None} == fit


@pytest.mark.parametrize(
    "char", "\u034f\u115f\u180b\u2800\u3164\uffa0\ufe00\U000e0100", ids=lambda char: f"U+{ord(char):04X}"
)
def test_what_is_drawn_as_nothing_is_refused(char: str) -> None:
    """Some letters and marks are drawn as nothing, and refused too."""
    assert decode_text("x", f"a{char}b".encode())[1] is not None


@pytest.mark.parametrize("text", ["Ynys Môn", "Comhairle nan Eilean Siar", "❤\ufe0f", "\u00a0", "日本", "\U0001f3f4"])
def test_what_can_be_seen_is_fit(text: str) -> None:
    """Letters of any script, spaces, and the choice between two ways to draw a character."""
    assert decode_text("x", text.encode()) == (text, None)


@pytest.mark.parametrize("text", ["a\u202eb", "\u00ad", "x\U000e0041", "\u2028\ufeff\x85", "a\u200b'\""])
def test_what_is_written_may_be_read(text: str) -> None:
    """Texts that are put into a file are put so that they may stand there, and are read as they were."""
    line = f"a: {quote(text)}\n"

    assert decode_text("x", line.encode()) == (line, None)
    assert plainly(line) == {"a": text}


def test_one_mebibyte_is_not_too_large(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    assert found_out(root_with(tmp_path, b"#" * MOST_BYTES)) == []


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Only plain files are opened; a named pipe would never end."""
    root = root_with(tmp_path, b"kind: Council\n")
    os.mkfifo(root / "partnerships/dales/councils/barton.yaml")

    assert found_out(root) == [("file-unreadable", 1, 1)]


@pytest.mark.parametrize("target", ["nowhere.yaml", "alston.yaml", "barton.yaml"])
def test_a_link_is_not_followed(tmp_path: Path, target: str) -> None:
    """A symbolic link is told, wherever it leads: to nothing, to another file or to itself."""
    root = root_with(tmp_path, b"kind: Council\n")
    (root / "partnerships/dales/councils/barton.yaml").symlink_to(target)

    assert found_out(root) == [("file-unreadable", 1, 1)]


def test_what_failover_writes_is_not_stray(tmp_path: Path) -> None:
    """`active.yaml` beside partnership.yaml is known; anywhere else nothing would read it."""
    root = root_with(tmp_path, b"kind: Council\n")
    (root / "partnerships/dales/active.yaml").write_text("")
    assert found_out(root) == []

    (root / "partnerships/active.yaml").write_text("")
    assert found_out(root) == [("file-stray", 1, 1)]
