"""Completion in real shells, and the names that it asks for."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from moothall import cli
from moothall.failures import OK, USAGE
from moothall.report.renderers import FORMATS

PROJECT = Path(__file__).parents[2]
BASE = PROJECT / "tests" / "cases" / "valid" / "two-councils"


def completion(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line."""
    command = [sys.executable, "-m", "moothall", "completion", *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def path(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which `moothall` is found."""
    program = tmp_path / "bin" / "moothall"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m moothall "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}


def complete(path: dict[str, str], *words: str) -> list[str]:
    """Return what bash offers for the last of the words."""
    program = (
        "source <(moothall completion bash); "
        f"COMP_WORDS=(moothall {' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words)}; "
        '_moothall; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    command = ["bash", "--norc", "-u", "-c", program]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", env=path, cwd=BASE, check=False)
    assert ran.stderr == ""
    return ran.stdout.split()


class TestBash:
    """What is offered where."""

    def test_verbs(self, path: dict[str, str]) -> None:
        """Every verb, and those that begin with what was typed."""
        assert complete(path, "") == [*cli.VERBS, "--help", "--version"]
        assert complete(path, "pre") == ["preview"]

    def test_options_of_the_verb(self, path: dict[str, str]) -> None:
        """Those that its parser has, where an option is begun or nothing else can come."""
        assert complete(path, "validate", "--f") == ["--format", "--fix"]
        assert complete(path, "up", "--ye") == ["--yes"]
        assert complete(path, "plan", "--ye") == []
        assert "--root" in complete(path, "plan", "")

    @pytest.mark.parametrize("words", [["--format", ""], ["--format", "="], ["--format", "=", ""]], ids=" ".join)
    def test_choices(self, path: dict[str, str], words: list[str]) -> None:
        """What an option chooses from; bash splits `--format=` at the sign."""
        assert complete(path, "validate", *words) == list(FORMATS)

    def test_names_from_the_files(self, path: dict[str, str]) -> None:
        """Names of the definitions below --root, or here."""
        assert complete(path, "plan", "--council", "") == ["alston", "barton"]
        assert complete(path, "plan", "--council", "b") == ["barton"]
        assert complete(path, "plan", "--partnership", "") == ["dales"]
        assert complete(path, "plan", "--site", "") == ["hill", "pass", "vale"]
        assert complete(path, "plan", "--root", str(PROJECT), "--council", "wear") == ["wear-valley"]

    def test_words_in_turn(self, path: dict[str, str]) -> None:
        """A verb's own words by their place, whatever options stand between."""
        assert complete(path, "credentials", "") == ["alston", "barton"]
        assert complete(path, "credentials", "--format", "json", "alston", "") == ["ledger"]
        assert complete(path, "completion", "") == ["bash", "zsh", "fish"]

    def test_folders(self, path: dict[str, str]) -> None:
        """An option that takes a folder."""
        assert complete(path, "plan", "--root", "part") == ["partnerships"]


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish(path: dict[str, str]) -> None:
    """Verbs, options, choices and names."""
    for line, offered in {
        "moothall pre": {"preview"},
        "moothall validate --fi": {"--fix"},
        "moothall schema pa": {"partnership"},
        "moothall plan --council ": {"alston", "barton"},
        "moothall credentials b": {"barton"},
    }.items():
        program = f"moothall completion fish | source; complete -C {shlex.quote(line)}"
        ran = subprocess.run(["fish", "-c", program], capture_output=True, encoding="utf-8", env=path, cwd=BASE)
        assert {each.split("\t")[0] for each in ran.stdout.splitlines()} == offered, line
        assert ran.stderr == ""


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh(path: dict[str, str]) -> None:
    """The script is read without complaint and completes the command."""
    program = "source <(moothall completion zsh); print ${_comps[moothall]}"
    ran = subprocess.run(["zsh", "-f", "-c", program], capture_output=True, encoding="utf-8", env=path)

    assert ran.stderr == ""
    assert "_moothall" in ran.stdout


def test_names_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    """Somebody at a prompt is not told about broken files."""
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    for name, data in (("broken", b"spec: [\n"), ("latin", b"\xff"), ("flat", b"spec: 1\n"), ("list", b"- 1\n")):
        (tmp_path / "partnerships" / name).mkdir()
        (tmp_path / "partnerships" / name / "partnership.yaml").write_bytes(data)

    ran = completion("--names", "instance", "--root", str(tmp_path))

    assert (ran.returncode, ran.stdout, ran.stderr) == (OK, "ledger\n", "")


@pytest.mark.parametrize("words", [[], ["bash", "--names", "site"], ["tcsh"]], ids=" ".join)
def test_misuse_is_told(words: list[str]) -> None:
    """A shell or names, one of the two."""
    ran = completion(*words)

    assert (ran.returncode, ran.stdout) == (USAGE, "")
