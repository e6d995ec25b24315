"""The command line as people meet it: verbs, exit codes, and never a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from moothall import __version__, cli
from moothall.failures import BLOCKED, BUG, INTERRUPTED, INVALID, OK, USAGE, Failure
from moothall.verbs import validate

PROJECT = Path(__file__).parents[1]
GOOD = str(PROJECT / "tests" / "cases" / "valid" / "two-councils")


def moothall(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line at the project."""
    command = [sys.executable, "-m", "moothall", *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=PROJECT, check=False)


def test_the_projects_own_definitions_are_valid() -> None:
    """What stands in partnerships/ and modules/ passes."""
    ran = moothall("validate")

    assert (ran.returncode, ran.stderr) == (OK, "")


def test_help_names_every_verb() -> None:
    """The overview lists the verbs that there are, each of which has a module."""
    ran = moothall("--help")

    assert ran.returncode == OK
    for name in cli.VERBS:
        assert re.search(rf"(?m)^  {name} ", ran.stdout)
        assert (PROJECT / "src" / "moothall" / "verbs" / f"{name}.py").is_file()


def test_version() -> None:
    """The version is that of the package."""
    assert moothall("--version").stdout == f"moothall {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["vaildate"],
        ["validate", "--rot", "x"],
        ["validate", "--as-of", "20061010"],
        ["validate", "--as-of", "2006-02-30"],
        ["validate", "--format", "yaml"],
        ["validate", "--council", "durham"],
        ["validate", "--root", "/nonexistent"],
        ["up", "--wait", "soon"],
        ["up", "--wait", "-1"],
    ],
    ids=" ".join,
)
def test_misuse_is_told_in_a_few_lines(words: list[str]) -> None:
    """Misuse has exit code 64, says what to try, and shows no traceback."""
    ran = moothall(*words)

    assert (ran.returncode, ran.stdout) == (USAGE, "")
    assert 1 < len(ran.stderr.splitlines()) <= 3
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["validte"], "there is no verb validte; did you mean validate?"),
        (["plan", "--cuoncil", "durham"], "there is no option --cuoncil; did you mean --council?"),
        (["onboard", "--titel=X"], "there is no option --titel; did you mean --title?"),
        (["plan", "--fromat=json"], "there is no option --fromat; did you mean --format?"),
        (["zzz"], "there is no verb zzz"),
        (["plan", "durham"], "unexpected: durham"),
        (["val\x1bidte"], "there is no verb val\ufffdidte; did you mean validate?"),
    ],
    ids=str,
)
def test_what_was_meant_is_named(words: list[str], meant: str) -> None:
    """One word in the place of a list of all: the nearest verb or option, if one is near."""
    ran = moothall(*words)

    assert (ran.returncode, ran.stdout) == (USAGE, "")
    first, second = ran.stderr.splitlines()
    assert first.partition(": ")[2] == meant
    assert second.startswith("Try: moothall ")
    assert second.endswith(" --help")


def test_validate_loads_neither_pulumi_nor_docker_nor_rich() -> None:
    """Checking starts quickly because it loads what it needs and no more, even when there is something to say."""
    case = PROJECT / "tests" / "cases" / "invalid" / "file-missing"
    program = (
        "import sys; from moothall.cli import main; code = main(sys.argv[1:]); "
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", program, "validate", "--no-cache", "--root", str(case)]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)

    loaded = set(ran.stderr.split())
    heavy = {"pulumi", "pulumi_docker", "docker", "rich", "cryptography", "jsonschema", "asyncio", "logging"}
    assert ran.returncode == INVALID
    assert "yaml" in loaded
    assert not loaded & {*heavy, "json", "moothall.model.planned", "moothall.plan", "moothall.deploy"}


class TestBoundary:
    """What becomes of what a verb raises."""

    def ran(self, monkeypatch: pytest.MonkeyPatch, raised: BaseException) -> int:
        """Run validate with a way of going wrong in place of its work."""

        def run(options: object, progress: object) -> None:
            raise raised

        monkeypatch.setattr(validate, "run", run)
        return cli.main(["validate", "--root", GOOD])

    def test_a_failure_says_what_what_is_left_and_what_mends_it(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Three short lines, and the exit code that the failure has."""
        failure = Failure("it is locked", left="nothing was changed", mend="moothall unlock", exit_code=BLOCKED)

        assert self.ran(monkeypatch, failure) == BLOCKED
        assert capsys.readouterr().err == (
            "moothall: it is locked\n  left: nothing was changed\n  mend: moothall unlock\n"
        )

    def test_a_bug_is_one_line_and_a_log(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        """The traceback goes to a file that only its owner can read."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

        assert self.ran(monkeypatch, KeyError("erp\nand more")) == BUG
        shown = capsys.readouterr().err
        (log,) = tmp_path.iterdir()
        assert len(shown.splitlines()) == 1
        assert str(log) in shown
        assert "Traceback" in log.read_text()
        assert log.stat().st_mode & 0o077 == 0

    def test_an_interrupt_is_no_bug(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Ctrl-C has exit code 130 and one line."""
        assert self.ran(monkeypatch, KeyboardInterrupt()) == INTERRUPTED
        assert capsys.readouterr().err == "moothall: interrupted\n"


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    """`moothall validate | head -0` ends quietly with the verb's own exit code."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "moothall", "validate", "--root", GOOD]
    ran = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)

    assert (ran.returncode, ran.stderr) == (OK, b"")
