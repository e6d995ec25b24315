"""`onboard` proposes the file of a new council, and writes only what is valid."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from tests.commands.front_door import ALSTON, PARTNERSHIP, contents, moothall, replace, sound_root, typed

from moothall.failures import BLOCKED, INVALID, OK, REFUSED, USAGE

NEW = "partnerships/dales/councils/carlby.yaml"
UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a sound root."""
    return sound_root(tmp_path)


def test_a_council_joins_with_one_new_file(root: Path) -> None:
    """Shown, written and valid; nobody else's file is touched."""
    before = contents(root)

    ran = moothall("onboard", root, "carlby", "--uses", "ledger:finance", "--joined", "2008-01-01", "--yes")

    assert (ran.returncode, ran.stderr) == (OK, "")
    after = contents(root)
    text = after.pop(NEW).decode()
    assert after == before
    assert UID.sub("UID", text) == (
        "apiVersion: moothall/v1\nkind: Council\nmetadata:\n  name: carlby\n  uid: UID\n  title: Carlby Council\n"
        "spec:\n  joined: 2008-01-01\n  site: hill\n  network: 10.1.9.0/24\n"
        "  uses:\n    ledger:\n      modules:\n        finance: {}\n"
        "  offered:\n    ledger: [procurement]\n"
    )
    shown = "".join(f"+{line}\n" for line in text.splitlines())
    assert ran.stdout == f"--- /dev/null\n+++ b/{NEW}\n@@ -0,0 +1,16 @@\n{shown}\nwritten: {NEW}\n"
    assert moothall("validate", root).returncode == OK


def test_every_new_council_has_an_identity_and_a_network_of_its_own(root: Path) -> None:
    """One after the other."""
    for name in ("carlby", "denton", "eaton"):
        assert moothall("onboard", root, name, "--uses", "ledger", "--yes").returncode == OK

    texts = [
        contents(root)[f"partnerships/dales/councils/{name}.yaml"].decode() for name in ("carlby", "denton", "eaton")
    ]
    assert len({UID.search(text)[0] for text in texts}) == 3  # type: ignore[index]
    assert [re.search(r"network: (\S+)", text)[1] for text in texts] == ["10.1.9.0/24", "10.1.10.0/24", "10.1.11.0/24"]  # type: ignore[index]


def test_the_proposal_is_told_otherwise_by_options(root: Path) -> None:
    """Title, site, network and modules."""
    words = ["--title", "Carlby: a town", "--site", "vale", "--network", "10.3.77.0/24", "--uses", "ledger"]

    ran = moothall("onboard", root, "carlby", *words, "--dry-run", "--format", "json")

    view = json.loads(ran.stdout)
    assert (ran.returncode, view["written"], view["files"]) == (OK, False, [NEW])
    for line in ('title: "Carlby: a town"', "site: vale", "network: 10.3.77.0/24", "procurement: {}"):
        assert line in view["diff"]
    assert NEW not in contents(root)


@pytest.mark.parametrize(
    ("uses", "modules", "offered"),
    [
        (["ledger:finance"], ["finance"], "[procurement]"),
        (["ledger:finance", "ledger:procurement"], ["finance", "procurement"], None),
        (["ledger:procurement", "ledger:finance", "ledger:finance"], ["procurement", "finance"], None),
        (["ledger:finance,finance"], ["finance"], "[procurement]"),
        (["ledger", "ledger:finance"], ["finance", "procurement"], None),
        (["ledger:finance", "ledger"], ["finance", "procurement"], None),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_what_is_used_is_joined(root: Path, uses: list[str], modules: list[str], offered: str | None) -> None:
    """An instance may be named as often as anybody likes; nothing that was named is lost."""
    words = [word for use in uses for word in ("--uses", use)]

    ran = moothall("onboard", root, "carlby", *words, "--yes")

    assert ran.returncode == OK, ran.stderr
    written = contents(root)[NEW].decode()
    assert re.findall(r"^        (\w+): \{\}$", written, re.MULTILINE) == modules
    assert re.findall(r"^    ledger: (.*)$", written, re.MULTILINE) == ([offered] if offered else [])


def test_a_network_whose_loopback_address_somebody_has_is_passed_over(root: Path) -> None:
    """A council at 10.3.9.0 has the loopback address 127.3.9.1; 100.3.9.0 would have it too."""
    replace(
        root,
        PARTNERSHIP,
        "vale: {owner: barton, network: 10.3.0.0/16, local: 10.3.0.0/24}",
        "vale: {owner: barton, network: 100.1.0.0/16, local: 100.1.0.0/24}",
    )
    replace(root, PARTNERSHIP, "network: 10.3.1.0/24", "network: 100.1.1.0/24")
    replace(root, "partnerships/dales/councils/barton.yaml", "network: 10.3.8.0/24", "network: 100.1.7.0/24")
    assert moothall("validate", root).returncode == OK

    ran = moothall("onboard", root, "carlby", "--site", "vale", "--dry-run")

    assert ran.returncode == OK
    assert "network: 100.1.9.0/24" in ran.stdout


def test_a_full_site_is_passed_over(root: Path) -> None:
    """The next one is proposed; one that was chosen and is full is refused."""
    replace(
        root,
        PARTNERSHIP,
        "network: 10.1.0.0/16, local: 10.1.0.0/24, local-access: 10.1.255.0/24",
        "network: 10.1.0.0/20, local: 10.1.0.0/24, local-access: 10.1.15.0/24",
    )
    for number in (2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14):
        words = ["--network", f"10.1.{number}.0/24", "--site", "hill"]
        shutil.copy(root / ALSTON, root / f"partnerships/dales/councils/c{number}.yaml")
        replace(root, f"partnerships/dales/councils/c{number}.yaml", "alston", f"c{number}")
        replace(root, f"partnerships/dales/councils/c{number}.yaml", "f0a02", f"f0c{number:02}")
        replace(root, f"partnerships/dales/councils/c{number}.yaml", "10.1.8.0/24", words[1])
    assert moothall("validate", root).returncode == OK

    assert "site: vale\n+  network: 10.3.9.0/24" in moothall("onboard", root, "carlby", "--dry-run").stdout
    full = moothall("onboard", root, "carlby", "--site", "hill", "--dry-run")
    assert full.returncode == REFUSED
    assert "hill has no room" in full.stderr


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (["--network", "10.1.1.0/24"], "network-overlap"),
        (["--network", "10.9.1.0/24"], "network-not-contained"),
        (["--network", "somewhere"], "wrong-value"),
        (["--uses", "ledgr"], "unknown-instance"),
        (["--uses", "ledger:finanse"], "unknown-module"),
        (["--joined", "2005-01-01"], "dates-out-of-order"),
        (["--title", "two\nlines"], "wrong-value"),
    ],
)
def test_what_would_be_invalid_is_refused(root: Path, words: list[str], rule: str) -> None:
    """Told with its place in the file that would have been, and nothing is left behind."""
    before = contents(root)

    ran = moothall("onboard", root, "carlby", "--yes", *words)

    assert ran.returncode == INVALID
    assert re.match(rf"{NEW}:\d+:\d+: error\[{rule}\]", ran.stdout)
    assert "nothing was written" in ran.stderr
    assert contents(root) == before


def test_definitions_that_are_unsound_already_are_mended_first(root: Path) -> None:
    """Their own findings are told."""
    replace(root, PARTNERSHIP, "site: hill", "site: hil")

    ran = moothall("onboard", root, "carlby", "--yes")

    assert ran.returncode == INVALID
    assert "error[unknown-site]" in ran.stdout
    assert NEW not in contents(root)


@pytest.mark.parametrize("name", ["alston", "../carlby", "Carlby", "carlby.yaml", "a" * 41, ""])
def test_a_name_that_cannot_be_is_told(root: Path, name: str) -> None:
    """It is taken, or would lead elsewhere."""
    before = contents(root)

    ran = moothall("onboard", root, name, "--yes")

    assert (ran.returncode, ran.stdout) == (USAGE, "")
    assert contents(root) == before


def test_the_partnership_is_named_where_there_are_several(root: Path) -> None:
    """Or chosen by --partnership."""
    shutil.copytree(root / "partnerships/dales", root / "partnerships/moors")
    for file in (root / "partnerships/moors").rglob("*.yaml"):
        text = file.read_text().replace("name: dales", "name: moors").replace("uid: 5", "uid: 6")
        file.write_text(re.sub(r"10\.(\d)\.", r"10.2\1.", text).replace("10.99", "10.98").replace("8443", "9443"))
    assert moothall("validate", root).stdout.endswith("nothing wrong\n")

    assert moothall("onboard", root, "carlby", "--dry-run").returncode == USAGE
    chosen = moothall("onboard", root, "carlby", "--partnership", "moors", "--dry-run")
    assert "+++ b/partnerships/moors/councils/carlby.yaml" in chosen.stdout
    assert "network: 10.21.9.0/24" in chosen.stdout


def test_the_modeline_is_that_of_its_neighbours(root: Path) -> None:
    """So that editors know the new file as they know the others."""
    line = "# yaml-language-server: $schema=../../../../schemas/council.schema.json"
    (root / ALSTON).write_text(f"{line}\n{(root / ALSTON).read_text()}")

    moothall("onboard", root, "carlby", "--yes")

    assert contents(root)[NEW].decode().split("\n")[0] == line


def test_somebody_at_the_keyboard_is_asked_for_each_value(root: Path) -> None:
    """Enter takes the proposal; what cannot be is asked again."""
    answers = ["Carlby Town", "tomorrow", "2008-01-01", "valley", "vale", "", "finance", "yes"]

    ran = typed("onboard", root, "carlby", "--interactive", answers=answers)

    assert ran.returncode == OK
    text = contents(root)[NEW].decode()
    for line in ("title: Carlby Town", "joined: 2008-01-01", "site: vale", "network: 10.3.9.0/24", "finance: {}"):
        assert line in text
    assert "procurement: {}" not in text
    for shown in ("Title [Carlby Council]: ", "'tomorrow' is not a date", "'valley' is not one of hill, pass, vale"):
        assert shown in ran.stderr


def test_nobody_at_the_keyboard_is_told(root: Path) -> None:
    """A question to a pipeline would wait for ever."""
    asked = moothall("onboard", root, "carlby", "--interactive")
    unconfirmed = moothall("onboard", root, "carlby")

    assert (asked.returncode, unconfirmed.returncode) == (BLOCKED, BLOCKED)
    assert NEW not in contents(root)
