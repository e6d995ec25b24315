"""`validate --fix` through the command line: what is certain is mended, to the byte, and the rest is told."""

from __future__ import annotations

import errno
import json
import re
import shutil
import subprocess
import sys
from codecs import BOM_UTF8
from datetime import date
from pathlib import Path

import pytest
from tests.commands.front_door import BASE, contents, sound_root

from moothall.cache import Cache
from moothall.failures import FAILED, INVALID, OK, USAGE
from moothall.language.edit.files import write_failure
from moothall.operations.files.corrections import fix

PARTNERSHIP = "partnerships/dales/partnership.yaml"
ALSTON = "partnerships/dales/councils/alston.yaml"
NOTHING_WRONG = (BASE / "expected.txt").read_text(encoding="utf-8").strip()
MISTAKES = (
    ("published-port: 8443", 'published_port: "8443"'),
    ("[finance, procurement]", "[finance, finance, procuremnt]"),
    ("network: 10.3.1.0/24", "network: 10.3.1.7/24"),
    ("kind: Partnership", "kind: partnership # the comment stays"),
    ("product: tryton", "product: 'trytn'"),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a sound root that may be spoilt."""
    return sound_root(tmp_path)


def spoil(root: Path, *mistakes: tuple[str, str], path: str = PARTNERSHIP) -> None:
    """Put mistakes into a file."""
    file = root / path
    text = file.read_text(encoding="utf-8")
    for right, wrong in mistakes:
        assert right in text
        text = text.replace(right, wrong)
    file.write_text(text, encoding="utf-8")


def validate(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line."""
    command = [sys.executable, "-m", "moothall", "validate", "--root", str(root), *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_everything_certain_is_mended_in_one_run(root: Path) -> None:
    """Also what shows only after something else was mended: a wrong type below a misspelt key."""
    spoil(root, *MISTAKES)

    ran = validate(root, "--fix")

    assert (ran.returncode, ran.stderr) == (OK, "corrected: 7\n")
    *fixed, empty, last = ran.stdout.splitlines()
    assert [re.sub(r":\d+:\d+:", "", line) for line in fixed] == [
        f'{PARTNERSHIP} fixed[wrong-value]: "partnership" is not a kind',
        f'{PARTNERSHIP} fixed[wrong-value]: "trytn" is not a product',
        f'{PARTNERSHIP} fixed[unknown-key]: "ledger" has no key "published_port"',
        f'{PARTNERSHIP} fixed[wrong-value]: "finance" is named twice',
        f'{PARTNERSHIP} fixed[wrong-type]: "published-port" is text, not a whole number',
        f'{PARTNERSHIP} fixed[unknown-module]: there is no module "procuremnt" in the catalogue',
        f"{PARTNERSHIP} fixed[network-host-bits]: 10.3.1.7/24 is not the beginning of a network",
    ]
    assert (empty, last) == ("", NOTHING_WRONG)
    after = (root / PARTNERSHIP).read_text(encoding="utf-8")
    assert after.replace(" # the comment stays", "").replace('"tryton"', "tryton") == (BASE / PARTNERSHIP).read_text()


def test_renamed_keys_get_their_new_names(root: Path) -> None:
    """And then what stands below them is corrected too."""
    spoil(root, ("published-port: 8443", "'desk-port': \"8443\""), ("local-access: ", "desk: "))

    ran = validate(root, "--fix")

    assert (ran.returncode, ran.stderr) == (OK, "corrected: 3\n")
    after = (root / PARTNERSHIP).read_text(encoding="utf-8")
    assert after.replace('"published-port"', "published-port") == (BASE / PARTNERSHIP).read_text(encoding="utf-8")


@pytest.mark.parametrize("mark", [b"", BOM_UTF8], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["last line ended", "last line open"])
def test_the_rest_of_the_file_stays_to_the_byte(root: Path, mark: bytes, ending: str, last: bool) -> None:
    """Byte order mark, line endings, comments beyond ASCII and the end of the file are as they were."""
    file = root / PARTNERSHIP
    text = file.read_text(encoding="utf-8").replace("agreed: 2006-10-10", "agreed: 2006-10-10   #\tdécidé 🏛")
    text = text.rstrip("\n") + ("\n" if last else "")
    right = mark + text.replace("\n", ending).encode()
    file.write_bytes(right.replace(b"published-port: 8443", b"published-prot: '8443'"))
    file.chmod(0o640)

    ran = validate(root, "--fix")

    assert (ran.returncode, file.read_bytes()) == (OK, right)
    assert file.stat().st_mode & 0o7777 == 0o640


def test_what_is_not_certain_is_told_and_left(root: Path) -> None:
    """Exit code and findings are those of a validate afterwards."""
    spoil(root, *MISTAKES, ("site: hill", "site: hil"))

    ran = validate(root, "--fix", "--format", "json")

    view = json.loads(ran.stdout)
    assert ran.returncode == INVALID
    assert [finding["rule"] for finding in view["diagnostics"]] == ["unknown-site"]
    assert len(view["fixed"]) == 7
    assert view["diagnostics"] == json.loads(validate(root, "--format", "json").stdout)["diagnostics"]


def test_a_dry_run_writes_nothing_and_shows_what_would_be_written(root: Path) -> None:
    """Its diff, applied by git, gives the files that --fix gives."""
    spoil(root, *MISTAKES)
    spoil(root, ("joined", "Joined"), path="partnerships/dales/councils/alston.yaml")
    before = contents(root)

    dry = validate(root, "--fix", "--dry-run", "--format", "json")

    assert contents(root) == before
    copy = root.parent / "copy"
    shutil.copytree(root, copy)
    diff = json.loads(dry.stdout)["diff"]
    subprocess.run(["git", "apply", "-p1"], cwd=copy, input=diff, encoding="utf-8", check=True)
    wet = validate(root, "--fix", "--format", "json")
    assert contents(copy) == contents(root) != before
    assert json.loads(wet.stdout)["fixed"] == json.loads(dry.stdout)["fixed"]
    assert (dry.returncode, wet.returncode) == (OK, OK)
    assert validate(root, "--fix", "--diff").stdout == f"{NOTHING_WRONG}\n"


def test_the_text_of_a_dry_run_has_the_diff(root: Path) -> None:
    """Between what would be corrected and what is left."""
    spoil(root, ("kind: Partnership", "kind: partnership"))

    shown = validate(root, "--fix", "--diff").stdout

    assert f"--- a/{PARTNERSHIP}\n+++ b/{PARTNERSHIP}\n@@ -1,5 +1,5 @@\n" in shown
    assert "\n-kind: partnership\n+kind: Partnership\n" in shown


def test_a_file_with_a_secret_is_not_repeated(root: Path) -> None:
    """Nothing else is said of it, so that it is neither corrected nor shown in a diff."""
    secret = "ghp_" + "0123456789abcdefABCDEF0123456789abcd"
    spoil(root, ("kind: Partnership", "kind: partnership"), ("title: The Dales", f"title: {secret}"))

    ran = validate(root, "--fix", "--diff")

    assert "error[secret-in-clear]" in ran.stdout
    assert secret not in ran.stdout + ran.stderr


def test_two_fixes_that_do_not_fit_together_are_not_made(root: Path) -> None:
    """Either would be right on its own; both would give one key twice."""
    file = root / "partnerships/dales/councils/alston.yaml"
    text = file.read_text(encoding="utf-8")
    assert "        finance:" in text
    line = next(line for line in text.splitlines() if line.startswith("        finance:"))
    file.write_text(text.replace(line, f"{line.replace('finance', 'finanec')}\n{line.replace('finance', 'finnace')}"))
    before = contents(root)

    ran = validate(root, "--fix")

    assert ran.returncode == INVALID
    assert contents(root) == before


def test_nothing_is_written_through_a_link(root: Path) -> None:
    """A link is not followed, neither to read nor to write."""
    file = root / PARTNERSHIP
    spoil(root, ("kind: Partnership", "kind: partnership"))
    file.rename(root / "elsewhere.txt")
    file.symlink_to("../../elsewhere.txt")

    ran = validate(root, "--fix")

    assert "error[file-unreadable]" in ran.stdout
    assert file.is_symlink()
    assert "kind: partnership" in (root / "elsewhere.txt").read_text(encoding="utf-8")


def test_no_other_file_is_left_behind(root: Path) -> None:
    """What was written on the way is gone."""
    spoil(root, *MISTAKES)
    before = set(contents(root))

    validate(root, "--fix")

    assert set(contents(root)) == before


def test_a_dry_run_of_nothing_is_a_misuse(root: Path) -> None:
    """--dry-run alone would look as if something had been tried."""
    ran = validate(root, "--dry-run")

    assert (ran.returncode, ran.stdout) == (USAGE, "")
    assert "validate --fix --dry-run" in ran.stderr


def bounded(root: Path, kilobytes: int) -> list[str]:
    """Return the lines said when no file may be larger than a bound; the verb has failed and given no answer."""
    program = f'ulimit -f {kilobytes}; exec "$@"'
    words = ["validate", "--fix", "--dry-run", "--no-cache", "--root", str(root)]
    command = ["bash", "-c", program, "bash", sys.executable, "-m", "moothall", *words]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (ran.returncode, ran.stdout) == (FAILED, "")
    return ran.stderr.splitlines()


def test_a_copy_that_cannot_be_made_is_told_in_three_lines(root: Path) -> None:
    """The first file, the reason and how many more: not a list of all."""
    for file in root.rglob("*.yaml"):
        file.write_text(file.read_text() + "# long\n" * 200)

    what, left, hint = bounded(root, 1)

    first = re.fullmatch(
        r"moothall: (\S+\.yaml) \(and \d+ more\) cannot be copied to try the change: File too large", what
    )
    assert first
    assert left == "  left: Nothing was touched."
    assert hint.startswith(f"  hint: ls -l {first[1]}; df /")


def test_no_room_for_a_copy_at_all(root: Path) -> None:
    """Not even a folder for it."""
    what, left, hint = bounded(root, 0)

    assert what.startswith("moothall: there is no room to try the change: No usable temporary directory")
    assert (left, hint) == ("  left: Nothing was touched.", "  hint: df /tmp  # or have TMPDIR name a folder with room")


@pytest.mark.parametrize(
    ("reason", "command"), [("ENOSPC", "df"), ("EDQUOT", "df"), ("EROFS", "df"), ("EACCES", "ls -ld")]
)
def test_what_mends_a_file_that_cannot_be_written(reason: str, command: str, tmp_path: Path) -> None:
    """A full disk is not mended by looking at permissions."""
    failure = write_failure(tmp_path / "x.yaml", OSError(getattr(errno, reason), "why"))

    assert failure.hint == f"{command} {tmp_path}"


@pytest.mark.parametrize(
    ("path", "right", "wrong"),
    [
        (ALSTON, "site: hill", "site: Hill"),
        (ALSTON, "    ledger:", "    LEDGER:"),
        (ALSTON, "    ledger:", '    "Ledger":'),
        (PARTNERSHIP, "dales-centre: {", "Dales_Centre: {"),
        (PARTNERSHIP, "host: dales-centre", "host: dales_centre"),
        (PARTNERSHIP, "    ledger:", "    Ledger:"),
        (PARTNERSHIP, "between: [hill, pass]", "between: [HILL, pass]"),
        (PARTNERSHIP, "offers: [finance,", "offers: [Finance,"),
        (PARTNERSHIP, "  name: dales", "  name: Dales"),
        (ALSTON, "  name: alston", "  name: Alston"),
        ("modules/procurement/module.yaml", "needs: [finance]", "needs: [FINANCE]"),
    ],
)
def test_a_name_that_differs_by_case_or_underscore_is_mended(path: str, right: str, wrong: str, root: Path) -> None:
    """At its declaration and where it is referred to, of everything that has a name; quotes stay."""
    spoil(root, ("  sites:\n", "  organisations:\n    dales-centre: {title: Centre}\n  sites:\n"))
    spoil(root, ("host: alston", "host: dales-centre"))
    before = contents(root)
    spoil(root, (right, wrong), path=path)

    made = fix(root, date(2008, 6, 1), Cache(None))

    assert made.validation.diagnostics == ()
    after = {name: text.replace(b'"ledger"', b"ledger") for name, text in contents(root).items()}
    assert after == before


def test_a_name_of_the_wrong_shape_that_nobody_else_has_is_left(root: Path) -> None:
    """Nor one that could be two."""
    spoil(root, ("    hill:", "    hall: {owner: alston, network: 10.7.0.0/16, local: 10.7.0.0/24}\n    hill:"))
    spoil(root, ("site: hill", "site: Hill"), path=ALSTON)
    spoil(root, ("owner: barton", "owner: Carlby_Town"))
    before = contents(root)

    made = fix(root, date(2008, 6, 1), Cache(None))

    assert made.fixed_findings == ()
    assert contents(root) == before
    assert [finding.detail.endswith('Did you mean "hill"?') for finding in made.validation.diagnostics] == [True, False]
