"""State files: secrets as the real engine wrote them, suspicion on reading, wholeness on writing, locks."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall import pulumi_engine
from moothall.pulumi_engine.protocol.values import Secret
from moothall.pulumi_engine.state import checkpoint, lock
from moothall.pulumi_engine.state.passphrase import Passphrase
from moothall.pulumi_engine.state.snapshot import resource_from, resource_json
from moothall.pulumi_engine.state.vault import Vault
from moothall.pulumi_engine.steps.observer import SILENT

# Written by the real Pulumi engine with the passphrase "pm".
SALT_LINE = "v1:W94Ui9rfZ0Y=:v1:lpPUIJseO/sDoa28:h9fh9hv83VXmOmFzuOSeVvxJEY4MIA=="
CIPHERTEXT = "v1:eJ2oAidUkhFkTKzU:/7qrRUCGqrQUsNMEf8LVez8vVtSaJG6KzoqglNXXY8Y="


def test_secrets_of_the_real_engine_are_read() -> None:
    """Its salt line opens with its passphrase, and its ciphertext is the JSON of the value."""
    assert json.loads(Passphrase("pm", SALT_LINE).decrypt(CIPHERTEXT)) == "s3cr3t-value\n"


def test_a_new_salt_line_opens_with_its_passphrase_only() -> None:
    """Round trip, a wrong passphrase, an empty one, an altered ciphertext."""
    made = Passphrase("right")
    sealed = made.encrypt("täxt")
    assert Passphrase("right", made.salt_line).decrypt(sealed) == "täxt"
    assert made.encrypt("täxt") != sealed
    with pytest.raises(pulumi_engine.BadPassphrase):
        Passphrase("wrong", made.salt_line)
    with pytest.raises(pulumi_engine.BadPassphrase, match="empty"):
        Passphrase("")
    for broken in (sealed[:-8] + "AAAAAAA=", "v2" + sealed[2:], "v1:only", "v1:%%%:%%%"):
        with pytest.raises(pulumi_engine.BadPassphrase):
            made.decrypt(broken)


@pytest.fixture
def lab(tmp_path: Path) -> MemoryLab:
    """A lab without Docker."""
    return MemoryLab(tmp_path)


def two_volumes(w: Any) -> None:
    """A program."""
    w.volume("one")
    w.volume("two")


def test_the_layout_is_that_of_pulumi(lab: MemoryLab) -> None:
    """meta.yaml, the checkpoint with its magic, a backup of the one before, no temporary files, no lock."""
    lab.up(two_volumes)
    whole = json.loads(lab.backend.checkpoint("bench", "dev").read_text())
    history = lab.root / ".pulumi/history/bench/dev"
    files = {str(path.relative_to(lab.root)) for path in lab.root.rglob("*") if path.is_file()}
    kept = {str(path.relative_to(lab.root)) for path in history.iterdir()}

    assert len(kept) == 2
    pulumis = {".pulumi/meta.yaml", ".pulumi/stacks/bench/dev.json", ".pulumi/stacks/bench/dev.json.bak"}
    assert files - kept == {*pulumis, ".gitignore"}
    assert (lab.root / ".pulumi/meta.yaml").read_text() == "version: 1\n"
    assert (whole["version"], whole["checkpoint"]["stack"]) == (3, "organization/bench/dev")
    manifest = whole["checkpoint"]["latest"]["manifest"]
    assert manifest["magic"] == checkpoint.magic(manifest["version"])


def test_every_resource_comes_after_what_it_needs(lab: MemoryLab) -> None:
    """Loading checks the order, so a second run proves it of the first one's file."""
    lab.up(two_volumes)
    assert len(checkpoint.load(lab.backend, "bench", "dev").resources) == 4


def corrupted(lab: MemoryLab, change: Any) -> None:
    """Apply a change to the checkpoint object and write it."""
    path = lab.backend.checkpoint("bench", "dev")
    whole = json.loads(path.read_text())
    change(whole, whole["checkpoint"]["latest"])
    latest = whole["checkpoint"]["latest"]
    latest.get("manifest", {}).pop("digest", None)  # as Pulumi writes it: each check has to stand for itself
    path.write_text(json.dumps(whole))


CORRUPTIONS: dict[str, Any] = {
    "version is 2": lambda whole, latest: whole.update(version=2),
    "no list of words": lambda whole, latest: whole.update(version=4, features="taint"),
    "is called 'manifesp'": lambda whole, latest: latest.update(manifesp=latest.pop("manifest")),
    "magic": lambda whole, latest: latest["manifest"].update(magic="0" * 64),
    "twice": lambda whole, latest: latest["resources"].append(latest["resources"][-1]),
    "comes before": lambda whole, latest: latest["resources"].reverse(),
    "another stack": lambda whole, latest: latest["resources"][0].update(urn="urn:pulumi:x::bench::a:b:C::d"),
    "whole checkpoint": lambda whole, latest: latest["resources"][0].pop("urn"),
    "not ended the replacement": lambda whole, latest: latest["resources"][-1].update(delete=True),
}


@pytest.mark.parametrize("why", CORRUPTIONS)
def test_a_corrupt_state_is_refused_with_its_cause(lab: MemoryLab, why: str) -> None:
    """And with the command that leads on, most often to a sound version; the engine is not touched."""
    lab.up(two_volumes)
    calls = len(lab.engine.calls)
    corrupted(lab, CORRUPTIONS[why])

    with pytest.raises(pulumi_engine.StateCorrupt, match=why) as caught:
        lab.up(lambda w: None)
    half = why == "not ended the replacement"  # no earlier version has what Pulumi has made since
    assert caught.value.hint == ("moothall up --engine pulumi  # ends it" if half else "moothall state repair dev")
    assert len(lab.engine.calls) == calls


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(keep=st.integers(0, 10_000))
def test_a_truncated_state_is_refused(tmp_path: Path, keep: int) -> None:
    """Wherever it was cut."""
    backend = pulumi_engine.Backend(tmp_path, lambda: "x")
    path = backend.checkpoint("bench", "dev")
    if not path.exists():
        MemoryLab(tmp_path).up(two_volumes)
        path.rename(path.with_name("whole"))
    whole = path.with_name("whole").read_text()
    path.write_text(whole[: keep % (len(whole) - 1)])

    with pytest.raises(pulumi_engine.StateCorrupt):
        checkpoint.load(backend, "bench", "dev")


def test_foreign_members_survive() -> None:
    """What this engine does not know of a resource is written back as it was read."""
    data = {"urn": "u", "custom": True, "type": "t", "id": "i", "sourcePosition": "x", "customTimeouts": {"create": 1}}
    assert resource_json(resource_from(data)) == data


def test_siblings_share_one_salt(lab: MemoryLab) -> None:
    """One key derivation serves a project: a second stack takes the first one's salt line."""

    def declare(w: Any) -> None:
        w.pulumi.export("x", w.pulumi.Output.secret("y"))

    lab.up(declare, "one")
    lab.up(declare, "two")
    salts = {json.dumps(lab.checkpoint(stack)["secrets_providers"]) for stack in ("one", "two")}
    assert len(salts) == 1


def test_the_passphrase_is_not_asked_for_without_secrets(tmp_path: Path) -> None:
    """A stack without secrets never needs it."""

    def never() -> str:
        raise AssertionError("asked")

    backend = pulumi_engine.Backend(tmp_path, never)
    MemoryLab(tmp_path).up(two_volumes)
    assert checkpoint.load(backend, "bench", "dev").salt_line is None


def foreign_lock(lab: MemoryLab, **owner: Any) -> Path:
    """Lay a lock file as another process would."""
    folder = lab.backend.locks("bench", "dev")
    folder.mkdir(parents=True)
    file = folder / "11111111-1111-1111-1111-111111111111.json"
    now = datetime.now(UTC).isoformat()
    file.write_text(
        json.dumps({"pid": 1, "username": "x", "hostname": socket.gethostname(), "timestamp": now, **owner})
    )
    return file


def dead_pid() -> int:
    """The number of a process that is no more."""
    done = subprocess.Popen(["true"])
    done.wait()
    return done.pid


def test_locks_of_the_living_hold(lab: MemoryLab) -> None:
    """A live process here, any process elsewhere, and what cannot be read."""
    parent = {"pid": os.getppid()}
    for owner in (parent, {"pid": dead_pid(), "hostname": "elsewhere"}):
        file = foreign_lock(lab, **owner)
        with pytest.raises(pulumi_engine.Locked) as caught:
            lab.up(two_volumes)
        assert caught.value.pid == owner["pid"]
        assert file.exists()
        file.write_text("")
        with pytest.raises(pulumi_engine.Locked):
            lab.up(two_volumes)
        assert lock.break_lock(lab.backend, "bench", "dev") == 1
        file.parent.rmdir()
    assert lab.engine.calls == []


def test_locks_of_the_dead_are_taken_over(lab: MemoryLab) -> None:
    """A number that is free, one that was given to a younger process, and our own from an earlier life."""
    long_ago = (datetime.now(UTC) - timedelta(days=3650)).isoformat()
    for owner in ({"pid": dead_pid()}, {"pid": os.getppid(), "timestamp": long_ago}, {"pid": os.getpid()}):
        file = foreign_lock(lab, **owner)
        assert lab.up(two_volumes).status == "succeeded"
        assert not file.exists()
        file.parent.rmdir()


def test_what_a_killed_run_was_writing_goes_with_its_lock(lab: MemoryLab) -> None:
    """Half a checkpoint, backup or old version of the stack; what a live process writes, and another stack's, stay."""
    lab.up(two_volumes)
    stacks, versions, gone = lab.backend.folder / "stacks" / "bench", lab.backend.history("bench", "dev"), dead_pid()
    halves = [stacks / f".dev.json.{gone}.0123abcd0", stacks / f".dev.json.bak.{gone}.0123abcd1"]
    halves.append(versions / f".dev-1.checkpoint.json.{gone}.0123abcd2")
    others = [stacks / f".dev.json.{os.getppid()}.0123abcd0", stacks / f".develop.json.{gone}.0123abcd0"]
    for path in (*halves, *others):
        path.write_text("{")

    lab.up(two_volumes)
    assert all(path.exists() for path in (*halves, *others))
    lab.backend.locks("bench", "dev").rmdir()
    foreign_lock(lab, pid=gone)
    lab.up(two_volumes)
    assert [path.exists() for path in (*halves, *others)] == [False] * 3 + [True] * 2


def test_only_one_holds(lab: MemoryLab) -> None:
    """While one of ours holds the lock a second one is told who it is."""
    with (
        lock.hold(lab.backend, "bench", "dev", SILENT),
        pytest.raises(pulumi_engine.Locked) as caught,
        lock.hold(lab.backend, "bench", "dev", SILENT),
    ):
        raise AssertionError("both hold it")
    assert caught.value.pid == os.getpid()


def test_the_first_secret_takes_the_salt_of_others_under_the_passphrase(tmp_path: Path) -> None:
    """One key is derived for all; a project that has a salt already keeps it."""
    others, projects = Passphrase("right").salt_line, Passphrase("right").salt_line

    def seal(salt: str, found: str | None = None) -> str:
        vault = Vault(pulumi_engine.Backend(tmp_path, lambda: "right", lambda: salt), None, lambda: found)
        vault.seal(Secret("hush"))
        return vault.salt()

    assert seal(others) == others
    assert seal(others, found=projects) == projects
