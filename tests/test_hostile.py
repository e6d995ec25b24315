"""Hostile input through the front door: a diagnostic with the right rule and exit code 3, in bounded memory and time.

Every run is a process of its own that may have one GiB of address space and a minute, which only a hang needs.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from moothall.failures import INVALID, OK

BASE = Path(__file__).parent / "cases" / "valid" / "two-councils"
COUNCIL = Path("partnerships/dales/councils/alston.yaml")
PARTNERSHIP = Path("partnerships/dales/partnership.yaml")
GIB = 1 << 30


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a copy of the valid case."""
    shutil.copytree(BASE, tmp_path / "root", ignore=shutil.ignore_patterns(".moothall", "expected.txt"))
    return tmp_path / "root"


def validate(root: Path, *words: str, user: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line on a root within the bounds, as another user if one is given."""
    # Not by Python between fork and exec: gRPC, which other tests have loaded into this process, may abort there.
    bounds = ["prlimit", f"--as={GIB}", "--"]
    bounds += ["setpriv", f"--reuid={user}", "--"] if user else []
    command = [*bounds, sys.executable, "-m", "moothall", "validate", "--root", str(root), *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)


def rules(ran: subprocess.CompletedProcess[str]) -> set[str]:
    """Return the rules that the text output names; there must be nothing on stderr."""
    assert ran.stderr == ""
    return set(re.findall(r": error\[(.+?)\]: ", ran.stdout))


BOMB = b"a: &a [x, x, x]\n" + b"".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}]\n".encode()
    for old, new in zip("abcdefghij", "bcdefghijk", strict=True)
)
MANY = 100_000
CONTENTS = {
    "a bomb of aliases": (BOMB, "yaml-alias"),
    "fifty thousand brackets": (b"[" * 50_000, "yaml-depth"),
    "fifty thousand brackets that close": (b"[" * 50_000 + b"]" * 50_000, "yaml-depth"),
    "fifty thousand dashes": (b"- " * 50_000, "yaml-depth"),
    "ten megabytes": (b"a: b\n" * 2_000_000, "file-too-large"),
    "a million keys": (b"".join(b"k%d: 1\n" % number for number in range(1_000_000)), "file-too-large"),
    "very many keys": (b"".join(b"k%d: 1\n" % number for number in range(MANY)), "file-too-large"),
    "one long scalar": (b"kind: " + b"x" * ((1 << 20) - 10), "wrong-value"),
    "one long key": (b"k" * 1000 + b": 1\n", "unknown-key"),
    "a tag that would run something": (b"kind: !!python/object/apply:os.system [ls]\n", "yaml-tag"),
    "several documents": (b"kind: Council\n---\nkind: Council\n", "yaml-documents"),
    "NUL": (b"kind: Coun\0cil\n", "file-character"),
    "a line separator": ("kind: Council\u2028\n".encode(), "file-character"),
    "a control of direction": ("kind: Council # safe \u202e\n".encode(), "file-character"),
    "an isolated direction": ("kind: Council # safe \u2066\n".encode(), "file-character"),
    "a space without width": ("kind: Council\u200b\n".encode(), "file-character"),
    "a soft hyphen": ("kind: Coun\u00adcil\n".encode(), "file-character"),
    "a tag": ("kind: Council # \U000e0041\n".encode(), "file-character"),
    "a letter that is drawn as nothing": ("kind: Council # \u3164\n".encode(), "file-character"),
    "a next line character": ("kind: Council\x85\n".encode(), "file-character"),
    "a carriage return on its own": (b"kind: Council\rspec: {}\n", "file-character"),
    "invalid UTF-8": (b"kind: \xff\xfe\n", "file-encoding"),
    "UTF-16": ("\ufeffkind: Council\n".encode("utf-16-le"), "file-encoding"),
    "a surrogate in an escape": (b'kind: "\\ud800"\n', "yaml-syntax"),
    "nothing": (b"", "yaml-empty"),
    "a word": (b"Council\n", "wrong-type"),
    "a number of five thousand digits": (b"kind: " + b"9" * 5000, "yaml-number"),
    "the same key very often": (b"kind: Council\n" * 10_000, "yaml-duplicate-key"),
    "the same entry very often": (b"a: [" + b"x, " * 15_000 + b"]\n", "unknown-key"),
    "a directive with a bomb in it": (b"%TAG ! tag:a,2000:\n---\nkind: !b Council\n", "yaml-tag"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_content(root: Path, name: str) -> None:
    """Whatever a file holds, it is told by one rule, in an answer that people can read."""
    content, rule = CONTENTS[name]
    (root / COUNCIL).write_bytes(content)

    ran = validate(root)

    assert ran.returncode == INVALID
    assert rule in rules(ran)
    assert len(ran.stdout) < 200_000


def test_very_many_findings_are_counted(root: Path) -> None:
    """Of thousands of findings in one file a hundred are shown, and how many more there are."""
    keys = b"".join(b"k%d: 1\n" % number for number in range(15_000))
    (root / COUNCIL).write_bytes(keys)

    ran = validate(root)

    assert ran.returncode == INVALID
    assert ran.stdout.count(": error[") == 100
    assert "There are 14904 more findings in this file." in ran.stdout  # four keys are missing too


SITE = "{{owner: alston, network: 10.{}.0/24, local: 10.{}.0/24, replaces: s{}}}"


@pytest.mark.parametrize(
    ("path", "before", "line"),
    [
        (COUNCIL, "  uses:\n", "    a_{n}: {{}}\n"),
        (COUNCIL, "  uses:\n", "    unknown-{n}: {{}}\n"),
        (COUNCIL, "        finance: {}\n", "        unknown-{n}: {{}}\n"),
        (PARTNERSHIP, "  parties: [", "unknown-{n}, "),
        (PARTNERSHIP, "      offers: [", "finance, "),
        (PARTNERSHIP, "  sites:\n", "    s{n}: {site}\n"),
    ],
    ids=["no names", "instances", "modules", "parties", "one name", "sites that replace each other"],
)
def test_work_does_not_grow_faster_than_a_file(root: Path, path: Path, before: str, line: str) -> None:
    """What each of thousands of entries costs does not depend on how many there are; minutes would pass otherwise."""
    count = 3_000 if "{site}" in line else 9_000
    networks = (f"{n // 200 + 10}.{n % 200}" for n in range(count))
    sites = (SITE.format(network, network, (n + 1) % count) for n, network in enumerate(networks))
    lines = (line.format(n=n, site=site) for n, site in enumerate(sites))
    text = (root / path).read_text(encoding="utf-8")
    (root / path).write_text(text.replace(before, before + "".join(lines)), encoding="utf-8")

    ran = validate(root)

    assert ran.returncode == INVALID
    assert len(ran.stdout) < 200_000


@pytest.mark.parametrize("content", ["\ufeff{}", "{}"], ids=["BOM", "none"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_marks_and_line_ends_of_windows_are_fine(root: Path, content: str, end: str) -> None:
    """A byte order mark before the text and CRLF are no mistakes."""
    text = (root / COUNCIL).read_text(encoding="utf-8")
    (root / COUNCIL).write_bytes(content.format(text.replace("\n", end)).encode())

    assert validate(root).returncode == OK


@pytest.mark.parametrize(("written", "meant"), [("no", '"no"'), ("014", "14"), ("2006-10-10", '"2006-10-10"')])
def test_the_core_schema_of_yaml_1_2(root: Path, written: str, meant: str) -> None:
    """`no` and a date are text, `014` is fourteen: what a finding quotes is what was read."""
    (root / COUNCIL).write_text(f"kind: {written}\n", encoding="utf-8")
    quoted = meant if meant.startswith('"') else f'"{meant}"'

    assert f"{quoted} is not a kind" in validate(root).stdout


def fifo(place: Path) -> None:
    """Put a named pipe there, which nobody writes to."""
    os.mkfifo(place)


def folder(place: Path) -> None:
    """Put a folder there."""
    place.mkdir()
    (place / "x.yaml").write_text("")


def listening(place: Path) -> None:
    """Put a socket there."""
    here = os.getcwd()
    os.chdir(place.parent)  # a socket's path may have 108 characters
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(place.name)
    os.chdir(here)


LINKS = {"itself": "barton.yaml", "nowhere": "nowhere.yaml", "its folder": ".", "another": "alston.yaml"}


@pytest.mark.parametrize("put", [fifo, folder, listening])
def test_what_is_no_file(root: Path, put: Callable[[Path], None]) -> None:
    """A pipe, a folder or a socket with the name of a council is told and not waited for."""
    place = root / COUNCIL
    place.unlink()
    put(place)

    ran = validate(root)

    assert ran.returncode == INVALID
    assert "file-unreadable" in rules(ran)


@pytest.mark.parametrize("target", [*LINKS.values(), "/etc/passwd", "/dev/zero", "/proc/self/environ"])
def test_a_link_in_place_of_a_file(root: Path, target: str) -> None:
    """A link is told wherever it leads, and nothing is said of what is there."""
    (root / COUNCIL).unlink()
    (root / COUNCIL).symlink_to(target)

    ran = validate(root)

    assert ran.returncode == INVALID
    assert "file-unreadable" in rules(ran)
    assert "root:" not in ran.stdout


@pytest.mark.parametrize("place", ["partnerships", "partnerships/loop", "partnerships/dales/councils", "modules"])
@pytest.mark.parametrize("target", [".", "..", "/", "loop"])
def test_a_link_in_place_of_a_folder(root: Path, place: str, target: str) -> None:
    """No link is followed, so that there are no loops and no way out of the root."""
    if (root / place).is_dir():
        shutil.rmtree(root / place)
    (root / place).symlink_to(target)

    ran = validate(root)

    if place in ("partnerships", "modules") and target == "loop":
        assert ran.returncode != OK or place == "modules"  # what is not there is no folder
    else:
        assert ran.returncode == INVALID
        assert rules(ran) == {"file-unreadable"}  # and nobody is blamed for what was not looked at


def test_a_deep_folder(root: Path) -> None:
    """Folders as deep as the system allows are walked through, not recursed into."""
    place = os.open(root / "partnerships", os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=place)
        below = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(os.open("deep.yaml", os.O_CREAT | os.O_WRONLY, dir_fd=place))
    os.close(place)

    ran = validate(root)
    # pytest removes old folders by recursion, and this one is too deep for it.
    subprocess.run(["rm", "-rf", root / "partnerships" / "d"], check=True)

    assert ran.returncode == INVALID
    assert {"file-missing", "file-stray"} == rules(ran)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody who may not read")
@pytest.mark.parametrize(
    "place",
    [
        "partnerships/dales/councils/alston.yaml",
        "partnerships/dales/councils",
        "partnerships/dales",
        "modules",
        "modules/finance",
        "modules/finance/module.yaml",
    ],
)
def test_what_may_not_be_read(root: Path, place: str) -> None:
    """A file or folder without permission is told; the others are still read, and nobody else is blamed."""
    for above in (root, *root.parents):
        if above.stat().st_uid == 0 and above != Path("/") and not above.stat().st_mode & 0o005:
            above.chmod(0o755)
    (root / place).chmod(0)

    ran = validate(root, "--no-cache", user=65534)

    assert ran.returncode == INVALID
    assert rules(ran) == {"file-unreadable"}


@pytest.mark.parametrize("place", ["councils/.#alston.yaml", "councils/._alston.yaml", ".yamllint.yaml", "../.x.yml"])
def test_hidden_files_are_nobodys_business(root: Path, place: str) -> None:
    """What editors and other tools leave behind, a link that leads nowhere too, is passed over."""
    (root / "partnerships" / "dales" / place).symlink_to("somebody@somewhere.4711:1")

    assert validate(root).returncode == OK


def test_names_that_are_no_text(root: Path) -> None:
    """A file name of bytes that are not UTF-8 is a name like any other, and is shown without harm."""
    name = os.fsencode(root / "partnerships/dales/councils") + b"/\xff\x1b[31m.yaml"
    with open(name, "wb") as file:
        file.write(b"kind: Council\n")

    ran = validate(root)

    assert ran.returncode == INVALID
    assert "missing-key" in rules(ran)
    assert "\x1b" not in ran.stdout
