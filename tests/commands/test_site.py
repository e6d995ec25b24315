"""`site move` looks at everything before it touches anything: what would not work is told, and nothing is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.commands.front_door import ALSTON, BARTON, PARTNERSHIP, contents, moothall, replace, sound_root

from moothall.failures import BLOCKED, OK, REFUSED, USAGE

HILL = "    hill: {owner: alston, network: 10.1.0.0/16, local: 10.1.0.0/24, local-access: 10.1.255.0/24}\n"
MOOR = "    moor: {owner: alston, network: 10.4.0.0/16, local: 10.4.0.0/24, replaces: hill}\n"
LINK = "    - {between: [hill, moor], network: 10.99.8.0/24}\n    - {between: [moor, vale], network: 10.99.7.0/24}\n"
STANDBY = """\
      mirror: {site: vale, network: 10.3.1.0/24}
      backup: {site: vale, every: 1h, keep: {full: 2}}
"""
MIRROR = "      mirror: {site: moor, network: 10.4.1.0/24}\n"
LINKS = "  links:\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a root with a site on the moor that is to replace the one on the hill."""
    made = sound_root(tmp_path)
    replace(made, PARTNERSHIP, HILL, HILL + MOOR)
    replace(made, PARTNERSHIP, LINKS, LINKS + LINK)
    replace(made, PARTNERSHIP, STANDBY, MIRROR)
    return made


def test_what_would_be_written_is_shown(root: Path) -> None:
    """What is mirrored on the moor is at home there, the rest keeps its place in the address space; the hill ends."""
    before = contents(root)

    ran = moothall("site", root, "move", "hill", "moor", "--dry-run", "--as-of", "2026-11-22")

    assert (ran.returncode, ran.stderr) == (OK, "")
    changed = [line for line in ran.stdout.splitlines() if re.match(r"[+-](?!\+\+|--)", line)]
    assert changed == [
        "-  site: hill",
        "-  network: 10.1.8.0/24",
        "+  site: moor",
        "+  network: 10.4.8.0/24",
        f"-{HILL.rstrip()}",
        f"+{HILL.rstrip()[:-1]}, until: 2026-11-22}}",
        "-      site: hill",
        "+      site: moor",
        "-      network: 10.1.1.0/24",
        "+      network: 10.4.1.0/24",
        f"-{MIRROR.rstrip()}",
    ]
    assert f"not written: {ALSTON}, {PARTNERSHIP}" in ran.stdout
    assert contents(root) == before


def test_logs_are_gathered_where_all_else_is(root: Path) -> None:
    """From then on; what was gathered on the hill stays in its volume there."""
    replace(root, PARTNERSHIP, LINKS, "  logs: {site: hill, keep: 30d}\n" + LINKS)

    ran = moothall("site", root, "move", "hill", "moor", "--dry-run", "--as-of", "2026-11-22")

    assert (ran.returncode, ran.stderr) == (OK, "")
    assert "-  logs: {site: hill, keep: 30d}\n+  logs: {site: moor, keep: 30d}\n" in ran.stdout


def test_a_councils_own_server_moves_with_the_instance(root: Path) -> None:
    """Its network at the old site is gone with that; where its mirror is it has one already."""
    own = "      dedicated: true\n      networks: {hill: 10.1.2.0/24, moor: 10.4.2.0/24}\n"
    replace(root, BARTON, "      planned: true\n", own)

    ran = moothall("site", root, "move", "hill", "moor", "--dry-run", "--as-of", "2026-11-22")

    assert (ran.returncode, ran.stderr) == (OK, "")
    networks = [line for line in ran.stdout.splitlines() if "networks:" in line]
    assert networks == [
        "-      networks: {hill: 10.1.2.0/24, moor: 10.4.2.0/24}",
        "+      networks: {moor: 10.4.2.0/24}",
    ]
    assert f"not written: {ALSTON}, {BARTON}, {PARTNERSHIP}" in ran.stdout


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("replaces: hill", "replaces: pass", "moor does not say that it replaces hill"),
        ("replaces: hill", "replaces: hill, from: 2027-01-01", "moor is not there yet on 2026-11-22"),
        (MIRROR, "", "ledger at hill is not mirrored at moor"),
        ("10.4.0.0/16, local", "10.4.0.0/21, local", "10.1.8.0/24 at hill has no place in 10.4.0.0/21"),
    ],
)
def test_what_cannot_be_is_refused(root: Path, old: str, new: str, told: str) -> None:
    """With the reason and the mend, before anybody is asked."""
    replace(root, PARTNERSHIP, old, new)
    before = contents(root)

    ran = moothall("site", root, "move", "hill", "moor", "--as-of", "2026-11-22", "--yes")

    assert (ran.returncode, ran.stdout) == (REFUSED, "")
    assert told in ran.stderr
    assert "hint: " in ran.stderr
    assert contents(root) == before


def test_nobody_is_moved_unasked(root: Path) -> None:
    """In a pipeline it takes --yes; a site that is not there is misuse."""
    before = contents(root)

    unasked = moothall("site", root, "move", "hill", "moor", "--as-of", "2026-11-22")
    unknown = moothall("site", root, "move", "hil", "moor")

    assert unasked.returncode == BLOCKED
    assert (unknown.returncode, "did you mean hill?" in unknown.stderr) == (USAGE, True)
    assert contents(root) == before
