"""Several people change the same definitions at the same time: one after the other, each sees what is there."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.commands.front_door import ALSTON, PARTNERSHIP, contents, moothall, replace, sound_root

from moothall.failures import OK


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a sound root."""
    return sound_root(tmp_path)


def begun(root: Path, *words: str) -> subprocess.Popen[str]:
    """Start a verb."""
    command = [sys.executable, "-m", "moothall", words[0], "--root", str(root), *words[1:]]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


@contextmanager
def somebody_else(root: Path) -> Iterator[None]:
    """Hold the definitions as a change does."""
    folder = os.open(root / "partnerships", os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(folder)


def test_three_who_join_at_once_have_three_networks(root: Path) -> None:
    """None of them is told of the others, and the definitions are valid."""
    names = ("carlby", "denton", "eaton")
    processes = [begun(root, "onboard", name, "--yes", "--site", "hill") for name in names]

    for process in processes:
        _, said = process.communicate(timeout=300)
        assert process.returncode == OK, said

    texts = [contents(root)[f"partnerships/dales/councils/{name}.yaml"].decode() for name in names]
    assert len({re.search(r"network: (\S+)", text)[1] for text in texts}) == 3  # type: ignore[index]
    assert moothall("validate", root).returncode == OK


def test_what_was_written_meanwhile_is_seen(root: Path) -> None:
    """Who waits says so, and proposes the network that is free then."""
    with somebody_else(root):
        process = begun(root, "onboard", "carlby", "--yes", "--site", "hill")
        assert process.stderr
        assert "waiting: somebody else is changing" in process.stderr.readline()
        replace(root, ALSTON, "10.1.8.0/24", "10.1.9.0/24")

    out, said = process.communicate(timeout=300)
    assert process.returncode == OK, said
    assert "network: 10.1.10.0/24" in out  # behind the one that was taken while it waited


@pytest.mark.parametrize(
    "words",
    [("decommission", "alston", "--from", "2012-04-01", "--yes"), ("migrate",), ("validate", "--fix")],
    ids=" ".join,
)
def test_every_verb_that_writes_waits(root: Path, words: tuple[str, ...]) -> None:
    """And does its work then."""
    with somebody_else(root):
        process = begun(root, *words)
        assert process.stderr
        assert "waiting: somebody else is changing" in process.stderr.readline()

    _, said = process.communicate(timeout=300)
    assert process.returncode == OK, said


@pytest.mark.parametrize(
    "words",
    [("onboard", "carlby", "--dry-run"), ("migrate", "--check"), ("validate", "--fix", "--dry-run"), ("plan",)],
    ids=" ".join,
)
def test_who_only_looks_does_not_wait(root: Path, words: tuple[str, ...]) -> None:
    """Somebody may sit before a question for long."""
    assert (root / PARTNERSHIP).exists()
    with somebody_else(root):
        out, said = begun(root, *words).communicate(timeout=300)

    assert out
    assert "waiting" not in said
