"""What doctor finds on a machine that lacks things; every fault comes with the command that mends it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.port import EngineObject
from moothall.failures import OperationError
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, SKIPPED, CheckResult
from moothall.verify import host_checks
from moothall.verify.locks import locks

NO_ENGINE = Engine("unix:///nowhere/docker.sock")


def unreachable() -> tuple[str, ...]:
    """Fail as the images room does without an engine."""
    raise OperationError("The engine does not answer.", hint="docker info")


def test_no_engine() -> None:
    """Is one fault with a mend; what depends on it could not be looked at."""
    engine = host_checks.container_engine(NO_ENGINE)
    assert (engine.status, bool(engine.hint)) == (FAILED, True)
    assert "No such file or directory" in engine.detail
    assert host_checks.clock(NO_ENGINE).status == COULD_NOT_RUN
    assert {result.status for result in host_checks.images(unreachable)} == {COULD_NOT_RUN}


class NotRunning(Engine):
    """An engine with a service of ours that was stopped, a job that has ended, and somebody else's container."""

    STATES: ClassVar = {"service": ("exited", "always"), "job": ("exited", "no"), "runs": ("running", "always")}

    def containers(self) -> list[EngineObject]:
        """The summary of each."""
        labels = {"moothall.owner": "dales.erp.hill@1"}
        ours = [{"Names": [f"/{n}"], "State": s, "Labels": labels} for n, (s, _) in self.STATES.items()]
        return [*ours, {"Names": ["/stranger"], "State": "exited", "Labels": None}]

    def container(self, name: str) -> EngineObject:
        """The one with its restart policy."""
        return {"HostConfig": {"RestartPolicy": {"Name": self.STATES[name][1]}}}


def test_what_should_run() -> None:
    """A service that does not run is named, with what starts it; a job that has ended is well."""
    found = host_checks.containers(NotRunning("unix:///nowhere/docker.sock"))
    assert (found.status, found.detail, found.hint) == (FAILED, "service should run and does not", "moothall up")
    assert host_checks.containers(NO_ENGINE).status == COULD_NOT_RUN


def test_images() -> None:
    """The base image's own tool matters only as long as the base image is not there."""
    built, tool = host_checks.images(lambda: ())
    assert (built.status, tool.status) == (PASSED, PASSED)
    built, _ = host_checks.images(lambda: ("tryton",))
    assert (built.status, built.detail, built.hint) == (FAILED, "not built yet: tryton", "moothall up")


def test_the_tool_for_the_base_image(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Must be there to make it, unless another base image is named."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert host_checks.images(lambda: ("base",))[1].hint == "apt-get install mmdebstrap"
    monkeypatch.setenv("MOOTHALL_BASE_IMAGE", f"debian@sha256:{'0' * 64}")
    assert host_checks.images(lambda: ("base",))[1].status == SKIPPED
    monkeypatch.setenv("MOOTHALL_BASE_IMAGE", "debian")
    assert host_checks.images(lambda: ("base",))[1].hint == "unset MOOTHALL_BASE_IMAGE"


def test_disk_without_an_engine_and_a_state(tmp_path: Path) -> None:
    """The nearest folder that exists is measured."""
    assert str(tmp_path) in host_checks.disk(NO_ENGINE, tmp_path / "not" / "yet").detail


def test_a_state_that_cannot_be_read(tmp_path: Path) -> None:
    """The file is named, and its back-up is the mend."""
    (tmp_path / "good.json").write_text("{}")
    assert host_checks.state_files(tmp_path).detail == "1 files can be read"
    broken = tmp_path / "stacks" / "broken.json"
    broken.parent.mkdir()
    broken.write_text("{")
    result = host_checks.state_files(tmp_path)
    assert (result.status, result.hint) == (FAILED, f"cp {broken}.bak {broken}")


def test_no_state_yet(tmp_path: Path) -> None:
    """Is no fault."""
    assert host_checks.state_files(tmp_path / "none").status == SKIPPED


@pytest.mark.parametrize(("needed", "status"), [(True, FAILED), (False, SKIPPED)])
def test_no_passphrase(needed: bool, status: str) -> None:
    """Is a fault only when there is something to open with it."""

    def missing() -> str:
        raise OperationError("There is no passphrase.", hint="export it")

    assert host_checks.passphrase(missing, is_needed=needed).status == status


class TestLocks:
    """Locks of the living, the dead and of others."""

    def lock(self, state: Path, **owner: object) -> Path:
        """Write a lock of a stack."""
        path = state / ".pulumi" / "locks" / "organization" / "moothall" / "p.erp.morpeth" / "id.json"
        path.parent.mkdir(parents=True)
        now = datetime.now(UTC).isoformat()
        made = {"pid": os.getppid(), "username": "ada", "hostname": socket.gethostname(), "timestamp": now}
        path.write_text(json.dumps(made | owner))
        return path

    def test_none(self, tmp_path: Path) -> None:
        """Nothing to say."""
        assert locks(tmp_path) == CheckResult("locks", "Locks", PASSED, "no stack is locked")

    def test_one_at_work(self, tmp_path: Path) -> None:
        """Is named and no fault."""
        self.lock(tmp_path)
        result = locks(tmp_path)
        assert result.status == PASSED
        assert result.detail.startswith(f"p.erp.morpeth is locked by process {os.getppid()} of ada")
        assert result.detail.endswith("which is at work")

    def test_one_left_by_a_dead_process(self, tmp_path: Path) -> None:
        """Needs nobody's hand."""
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        self.lock(tmp_path, pid=gone.pid)
        assert locks(tmp_path).detail.endswith("which is gone: the next up takes it over")

    def test_one_left_by_a_process_that_nobody_has_asked_for(self, tmp_path: Path) -> None:
        """It has ended, though its number is still taken."""
        ended = subprocess.Popen([sys.executable, "-c", ""])
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        self.lock(tmp_path, pid=ended.pid)
        assert locks(tmp_path).detail.endswith("which is gone: the next up takes it over")
        ended.wait()

    def test_one_whose_number_another_process_has_now(self, tmp_path: Path) -> None:
        """Whoever began after the lock was written did not write it."""
        self.lock(tmp_path, timestamp="2006-10-10T00:00:00+00:00")
        assert locks(tmp_path).detail.endswith("which is gone: the next up takes it over")

    def test_one_of_another_machine(self, tmp_path: Path) -> None:
        """Somebody who knows has to decide."""
        path = self.lock(tmp_path, hostname="elsewhere")
        assert (locks(tmp_path).status, locks(tmp_path).hint) == (FAILED, f"moothall unlock {path.parent.name}")

    def test_one_that_says_nothing(self, tmp_path: Path) -> None:
        """Is taken for one of another machine."""
        self.lock(tmp_path).write_text("")
        assert locks(tmp_path).status == FAILED


def test_doctor_on_a_bare_machine(tmp_path: Path) -> None:
    """The whole verb without engine, state, definitions and tools: every line a result, never a traceback."""
    environment = {"PATH": "/nowhere", "HOME": str(tmp_path), "DOCKER_HOST": NO_ENGINE.host}
    done = subprocess.run(
        [sys.executable, "-m", "moothall", "doctor", "--root", str(tmp_path), "--format", "json"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == ""
    view = json.loads(done.stdout)
    status = {result["id"]: result["status"] for result in view["results"]}
    assert (status["engine"], status["python"], status["state"]) == ("failed", "passed", "skipped")
    assert all("hint" in result for result in view["results"] if result["status"] == "failed")
