"""The command line as people meet it: verbs, exit codes, and never a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from moothall import __version__, cli
from moothall.commands.definitions import validate
from moothall.failures import BLOCKED, BUG, FAILED, INTERRUPTED, INVALID, OK, USAGE, OperationError

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
    for name, (room, _) in cli.VERBS.items():
        assert re.search(rf"(?m)^  {name} ", ran.stdout)
        assert (PROJECT / "src" / "moothall" / "commands" / room / f"{name}.py").is_file()


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
    heavy = {"pulumi", "pulumi_docker", "docker", "rich", "cryptography", "jsonschema", "ruamel", "asyncio", "logging"}
    assert ran.returncode == INVALID
    assert "yaml" in loaded
    assert not loaded & {*heavy, "json", "moothall.model.planned", "moothall.plan", "moothall.deploy"}


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b32mrestore succeeded\x7f\u202e"


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
        failure = OperationError("it is locked", state="nothing was changed", hint="moothall unlock", exit_code=BLOCKED)

        assert self.ran(monkeypatch, failure) == BLOCKED
        assert capsys.readouterr().err == (
            "moothall: it is locked\n  left: nothing was changed\n  hint: moothall unlock\n"
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

    def test_no_word_of_a_failure_is_obeyed_by_the_terminal(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What a server or a table's name puts into it is shown, and clears no screen."""
        failure = OperationError(f"no {HOSTILE}\nsecond line", state=HOSTILE, hint=HOSTILE)

        self.ran(monkeypatch, failure)

        shown = capsys.readouterr().err
        assert all(line.isprintable() for line in shown.splitlines())
        assert shown.count("\n") == 4

    def test_no_word_of_a_bug_is_obeyed_by_the_terminal(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        """Neither on the screen nor when somebody reads the log."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

        assert self.ran(monkeypatch, ValueError(HOSTILE)) == BUG

        (log,) = tmp_path.iterdir()
        for text in (capsys.readouterr().err, log.read_text()):
            assert all(line.isprintable() for line in text.splitlines())

    def test_a_bug_tells_nobody_who_opens_a_backend(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        """An address may have a password in it, and a log is sent to whoever mends it."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

        assert self.ran(monkeypatch, ValueError("no postgres://me:hunter2@db.example/states")) == BUG

        (log,) = tmp_path.iterdir()
        for text in (capsys.readouterr().err, log.read_text()):
            assert "postgres://...@db.example/states" in text
            assert "hunter2" not in text

    def test_a_bug_whose_log_cannot_be_kept_is_one_line(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A full disk is when things go wrong."""
        monkeypatch.setattr("tempfile.tempdir", "/dev/null/nowhere")

        assert self.ran(monkeypatch, ValueError("x")) == BUG
        shown = capsys.readouterr().err
        assert shown == "moothall: an internal error: ValueError: x. The details could not be kept: Not a directory\n"

    def test_an_interrupt_is_no_bug(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Ctrl-C has exit code 130 and one line."""
        assert self.ran(monkeypatch, KeyboardInterrupt()) == INTERRUPTED
        assert capsys.readouterr().err == "moothall: interrupted\n"


@pytest.mark.parametrize("words", [["validate", "--root", GOOD], ["--help"]], ids=["answer", "help"])
def test_a_reader_who_has_seen_enough_is_no_error(words: list[str]) -> None:
    """`moothall validate | head -0` ends quietly with the verb's own exit code."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "moothall", *words]
    ran = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)

    assert (ran.returncode, ran.stderr) == (OK, b"")


class TestStreams:
    """Streams that are not there, or that nobody reads: the verb does its work and has its own exit code."""

    def ran(self, redirected: str, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run the command line from a shell, which redirects its streams."""
        line = f'"$@" {redirected}'
        command = ["bash", "-c", line, "bash", sys.executable, "-m", "moothall", *words]
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, cwd=PROJECT, check=False)

    @pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (["validate", "--root", GOOD], OK),
            (["validate", "--root", "/nonexistent"], USAGE),
            (["validate", "--root", str(PROJECT / "tests" / "cases" / "invalid" / "file-missing")], INVALID),
            (["validte"], USAGE),
            (["--help"], OK),
            (["onboard", "carlby", "--root", GOOD, "--site", "vale"], BLOCKED),
        ],
        ids=lambda value: value[0] if isinstance(value, list) else str(value),
    )
    def test_closed(self, closed: str, words: list[str], code: int) -> None:
        """Nothing is lost but what would have been written there."""
        ran = self.ran(closed, *words)

        assert ran.returncode == code, ran
        assert b"Traceback" not in ran.stderr
        assert b"a bug" not in ran.stderr

    @pytest.mark.parametrize(
        ("words", "code"), [(["--root", "/nonexistent"], USAGE), (["--root", GOOD, "--fix"], OK)], ids=["64", "0"]
    )
    @pytest.mark.parametrize("broken", ["a pipe", "/dev/full"])
    def test_messages_that_nobody_reads(self, broken: str, words: list[str], code: int) -> None:
        """A broken standard error ends no work half-way, and changes no exit code."""
        reading, writing = os.pipe()
        os.close(reading)
        stream = writing if broken == "a pipe" else os.open(broken, os.O_WRONLY)
        command = [sys.executable, "-m", "moothall", "validate", *words]
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=stream, cwd=PROJECT, check=False)

        assert ran.returncode == code, ran

    @pytest.mark.parametrize(
        "words", [["validate", "--root", GOOD], ["--help"], ["up", "--help"], ["--version"]], ids=str
    )
    def test_an_answer_for_which_there_is_no_room(self, words: list[str]) -> None:
        """It is said of the stream, not of the state."""
        ran = self.ran(">/dev/full", *words)

        assert ran.returncode == FAILED
        assert ran.stderr.decode().splitlines() == [
            "moothall: the answer cannot be written to standard output: No space left on device",
            "  left: What was to be done is done.",
            "  hint: write it where there is room",
        ]


@pytest.mark.parametrize("verb", cli.VERBS)
def test_bytes_that_are_no_text_are_refused(verb: str) -> None:
    """In every argument of every verb, before anything is done."""
    for words in ([verb, b"caf\xe9"], [verb, "--root", b"\xff"], [verb, b"--title=\xe9"]):
        surrogates = [word if isinstance(word, str) else os.fsdecode(word) for word in words]
        assert cli.main(surrogates) == USAGE


def test_bytes_that_are_no_text_are_told() -> None:
    """As a real process gets them."""
    command = [sys.executable, "-m", "moothall", "onboard", "carlby", "--root", GOOD, "--title", b"Caf\xe9 Council"]
    ran = subprocess.run(command, capture_output=True, check=False, cwd=PROJECT)

    assert (ran.returncode, ran.stdout) == (USAGE, b"")
    assert ran.stderr.decode() == (
        "moothall: 'Caf\ufffd Council' is not text\n  left: Nothing was touched.\n  hint: write it in UTF-8\n"
    )
