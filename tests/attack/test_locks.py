"""`unlock`: a dead owner's lock goes, a live one's never, one of another machine only for people who know."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.attack.ground import Ground

from moothall.pulumi_engine import Locked
from moothall.pulumi_engine.state import lock


@pytest.fixture
def place(tmp_path: Path) -> Ground:
    """A state directory; no engine is needed."""
    return Ground("mhalock", tmp_path)


def lay(place: Ground, **owner: object) -> Path:
    """Lay a lock file as a process would."""
    folder = place.backend.locks("moothall", place.stack)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "11111111-1111-1111-1111-111111111111.json"
    now = datetime.now(UTC).isoformat()
    given = {"pid": 1, "username": "ada", "hostname": socket.gethostname(), "timestamp": now, **owner}
    file.write_text(json.dumps(given))
    return file


def dead() -> int:
    """The number of a process that is no more."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@contextmanager
def living(place: Ground) -> Iterator[int]:
    """Another process that holds the lock as an operation does."""
    code = (
        "import sys, pathlib\nfrom moothall.pulumi_engine import Backend, SILENT\n"
        "from moothall.pulumi_engine.state import lock\n"
        "with lock.hold(Backend(pathlib.Path(sys.argv[1]), str), 'moothall', sys.argv[2], SILENT):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    words = [sys.executable, "-c", code, str(place.state), place.stack]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.communicate()


def test_no_lock(place: Ground) -> None:
    """Nothing to show, nothing to remove."""
    assert place.moothall("unlock").stdout == "No stack is locked.\n"
    assert place.moothall("unlock", place.stack).returncode == 0


def test_a_dead_owners_lock_goes(place: Ground) -> None:
    """Shown with owner, machine, process and age, and removed without force."""
    pid = dead()
    file = lay(place, pid=pid, timestamp=(datetime.now(UTC) - timedelta(hours=3)).isoformat())

    shown = place.moothall("unlock")
    assert shown.stdout == (
        f"{place.stack}  process {pid} of ada on {socket.gethostname()}, 3 h ago  gone: the next up takes it over\n"
    )
    assert file.exists()
    removed = json.loads(place.moothall("unlock", place.stack, "--format", "json").stdout)["removed"]
    assert [(lock["pid"], lock["fate"]) for lock in removed] == [(pid, "dead")]
    assert not file.exists()


def test_a_live_owners_lock_stays(place: Ground) -> None:
    """Exit 5, and neither force nor confirmation helps; the file is there until its owner takes it away."""
    with living(place) as pid:
        [lock] = json.loads(place.moothall("unlock", "--format", "json").stdout)["locks"]
        assert (lock["pid"], lock["fate"]) == (pid, "live")
        for words in ((), ("--force", "--confirm", place.stack)):
            run = place.moothall("unlock", place.stack, *words)
            assert run.returncode == 5
            assert f"process {pid}" in run.stderr
            assert "at work" in run.stderr
        assert list(place.backend.locks("moothall", place.stack).glob("*.json"))
    assert place.moothall("unlock").stdout == "No stack is locked.\n"


def test_pulumis_own_live_lock_stays(place: Ground) -> None:
    """Pulumi's process holds no flock: its number alone says that it lives."""
    file = lay(place, pid=os.getpid())

    assert place.moothall("unlock", place.stack, "--force", "--confirm", place.stack).returncode == 5
    assert file.exists()


@pytest.mark.parametrize("owner", [{"hostname": "elsewhere"}, {"pid": "?"}, {"hostname": "elsewhere", "pid": 1}])
def test_what_nobody_here_can_know(place: Ground, owner: dict[str, object]) -> None:
    """A lock of another machine, and one that does not say whose it is, go by force and the stack's name alone."""
    file = lay(place, **owner)

    for words in ((), ("--force",), ("--force", "--confirm", "another")):
        run = place.moothall("unlock", place.stack, *words)
        assert run.returncode == 5, run.stderr
        assert f"--force --confirm {place.stack}" in run.stderr
        assert file.exists()
    assert place.moothall("unlock", place.stack, "--force", "--confirm", place.stack).returncode == 0
    assert not file.exists()


def test_a_clock_that_was_set_back(place: Ground) -> None:
    """A lock from a time to come is of its owner all the same: dead goes, live stays."""
    to_come = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    lay(place, pid=dead(), timestamp=to_come)
    assert "which was set back" in place.moothall("unlock").stdout
    assert place.moothall("unlock", place.stack).returncode == 0

    file = lay(place, pid=os.getpid(), timestamp=to_come)
    assert place.moothall("unlock", place.stack).returncode == 5
    assert file.exists()


def test_doctor_points_to_unlock(place: Ground) -> None:
    """A lock of another machine is a fault, and the command is named."""
    lay(place, hostname="elsewhere")

    assert f"moothall unlock {place.stack}" in place.moothall("doctor").stdout


def test_several_locks_or_none(place: Ground) -> None:
    """Where one of several cannot be had, those taken before it are let go; the order of asking does not matter."""
    first, last = f"a.{place.stack}", f"z.{place.stack}"
    with living(place) as pid:
        with pytest.raises(Locked) as refused, lock.hold_all(place.backend, "moothall", [last, place.stack, first]):
            pass
        assert refused.value.pid == pid
        assert refused.value.message.startswith(f"Stack {place.stack} is locked by")
        with lock.hold_all(place.backend, "moothall", [last, first]):
            assert len(list(place.backend.locks("moothall", first).glob("*.json"))) == 1
    with lock.hold_all(place.backend, "moothall", [last, place.stack, first]):
        pass
