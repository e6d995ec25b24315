"""Where the embedded engine does otherwise than Pulumi on purpose: both answers, side by side, so neither can drift."""

from __future__ import annotations

import json
import re
import socket
import threading
from pathlib import Path

import pytest
from tests.pulumi_cli.real_pulumi import SharedMemory
from tests.pulumi_engine.half_done import half_done
from tests.pulumi_engine.lab import Told, Words, ops
from tests.pulumi_engine.memory_engine import MemoryLab, fails_once
from tests.waiting import PATIENCE, wait_until

from moothall import pulumi_engine
from moothall.pulumi_cli import Installation, Pulumi
from moothall.pulumi_engine import SILENT
from moothall.pulumi_engine.errors import BadPassphrase, EngineError
from moothall.pulumi_engine.provider.port import StepFailed
from moothall.pulumi_engine.state import lock
from moothall.pulumi_engine.steps.outcome import Outcome

pytestmark = pytest.mark.pulumi


@pytest.fixture
def lab(shared: SharedMemory, tmp_path: Path) -> MemoryLab:
    """A lab that both engines work on."""
    made = MemoryLab(tmp_path)
    shared.use(made)
    return made


def app(w: Words, env: str = "1") -> None:
    """One container."""
    w.container("app", envs=[env])


def by_pulumi(shared: SharedMemory, lab: MemoryLab, env: str = "1") -> Outcome:
    """Run `up` by the real engine."""
    return shared.pulumi.up(lab.run(lambda w: app(w, env)), lab.backend)


def test_what_is_half_made_is_made_anew_by_both(shared: SharedMemory, lab: MemoryLab) -> None:
    """By itself Pulumi would change it in place the next time, which mends nothing: so it is tainted."""
    lab.engine.on_create = fails_once("mem-app")
    failed = by_pulumi(shared, lab)
    assert failed.status == "failed"
    assert "mem-app would not" in failed.failures[0].message
    [told] = lab.resources()["app"]["initErrors"]
    assert "mem-app would not" in told

    theirs = shared.pulumi.preview(lab.run(app), lab.backend)
    ours = lab.preview(app)

    assert ops(theirs) == {"app": "replace"}
    assert ops(ours) == {"app": "replace"}


@pytest.mark.parametrize(("doing", "left"), [("create", ""), ("start", "half-made")])
def test_a_failure_is_told_once_and_with_its_subject(
    shared: SharedMemory, lab: MemoryLab, doing: str, left: str
) -> None:
    """Pulumi tells it with the resource, wrapped, and once more that the update failed; the plug-in in its words."""

    def fail(name: str) -> None:
        raise StepFailed(f"{name} ended with exit code 1.\nits last line", left)

    lab.engine.on_create = fail
    watched = Told()

    [failure] = shared.pulumi.up(lab.run(app), lab.backend, observer=watched).failures

    refusal = "Error response from daemon: mem-app ended with exit code 1.\nits last line"
    assert (failure.name, failure.message) == ("app", f"Unable to {doing} container: {refusal}")
    assert watched.events.count(("failed", "app")) == 1


def test_what_a_program_raises_is_raised_as_it_is(shared: SharedMemory, lab: MemoryLab) -> None:
    """As by the embedded engine; Pulumi has made a text with a traceback of it."""

    def declare(w: Words) -> None:
        raise BadPassphrase

    with pytest.raises(BadPassphrase):
        shared.pulumi.up(lab.run(declare), lab.backend)


def test_nothing_of_a_failed_program_goes_on_in_this_process(shared: SharedMemory, lab: MemoryLab) -> None:
    """Also where the CLI goes away and leaves requests unanswered."""
    lab.engine.on_create = fails_once("mem-app")

    assert by_pulumi(shared, lab).status == "failed"

    wait_until(lambda: not half_done(), half_done)


def test_what_vanished_is_not_missed_by_pulumi_and_made_again_by_us(shared: SharedMemory, lab: MemoryLab) -> None:
    """Without a refresh Pulumi believes its state; ours looks at the engine each time."""
    lab.up(app)
    lab.engine.objects.clear()

    assert ops(shared.pulumi.preview(lab.run(app), lab.backend)) == {}
    assert ops(lab.preview(app)) == {"app": "create"}


def test_both_refuse_to_replace_what_is_protected(shared: SharedMemory, lab: MemoryLab) -> None:
    """Ours says so before anything is touched, Pulumi as a failed step; neither touches it."""

    def declare(w: Words, text: str = "1m") -> None:
        w.volume("data", w.pulumi.ResourceOptions(protect=True), driver_opts={"o": f"size={text}"})

    lab.up(declare)
    lab.engine.calls.clear()

    theirs = shared.pulumi.up(lab.run(lambda w: declare(w, "2m")), lab.backend)
    with pytest.raises(pulumi_engine.Protected):
        lab.up(lambda w: declare(w, "2m"))

    assert theirs.status == "failed"
    assert "protect" in theirs.failures[0].message
    assert lab.engine.calls == []


def test_destroy_keeps_what_is_protected_unless_its_loss_is_confirmed(shared: SharedMemory, lab: MemoryLab) -> None:
    """The same objects stay with both engines: protected volumes, and nothing else; with data, nothing stays."""

    def declare(w: Words) -> None:
        volume = w.volume("data", w.pulumi.ResourceOptions(protect=True, retain_on_delete=True))
        w.container("app", mounts=w.mounted(volume))

    lab.up(declare)

    kept = shared.pulumi.destroy("bench", "dev", lab.backend, lab.owner(), with_data=False)
    assert kept.status == "succeeded", kept.failures
    assert [live.name for live in lab.engine.objects.values()] == ["mem-data"]

    gone = shared.pulumi.destroy("bench", "dev", lab.backend, lab.owner(), with_data=True)
    assert gone.status == "succeeded", gone.failures
    assert lab.engine.objects == {}
    assert lab.resources() == {}


def test_no_secret_is_in_clear_while_a_state_is_changed(
    shared: SharedMemory, lab: MemoryLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state goes out and in again to lose its protection; where that fails, nothing stays behind."""
    temporary, cli = tmp_path / "tmp", tmp_path / "bin" / "pulumi"
    temporary.mkdir()
    cli.parent.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    cli.write_text(f"""#!/bin/sh
        case "$*" in *"stack import"*) cat {temporary}/* {lab.root}/pulumi/dev/*.json > {tmp_path}/seen; exit 1;; esac
        exec {shared.pulumi.installation.program} "$@"
    """)
    cli.chmod(0o755)

    def declare(w: Words) -> None:
        file = w.docker.ContainerUploadArgs(file="/key", content=w.pulumi.Output.secret("a-canary-in-the-state"))
        w.container("app", w.pulumi.ResourceOptions(protect=True), uploads=[file])

    lab.up(declare)
    failing = Pulumi(Installation(cli, shared.pulumi.installation.plugins))
    with pytest.raises(EngineError):
        failing.destroy("bench", "dev", lab.backend, lab.owner(), with_data=True)

    assert "mem-app" in (tmp_path / "seen").read_text()
    assert [path for path in tmp_path.rglob("*") if path.is_file() and b"a-canary-in" in path.read_bytes()] == []
    assert list(temporary.iterdir()) == []
    assert shared.pulumi.destroy("bench", "dev", lab.backend, lab.owner(), with_data=True).status == "succeeded"
    assert lab.engine.objects == {}


def test_a_stack_that_is_not_there_is_previewed_without_making_it(shared: SharedMemory, lab: MemoryLab) -> None:
    """Preview writes nothing into the state, although Pulumi wants a stack before it looks."""
    seen = shared.pulumi.preview(lab.run(app), lab.backend)

    assert ops(seen) == {"bench-dev": "create", "engine": "create", "app": "create"}
    assert not lab.backend.checkpoint("bench", "dev").exists()
    assert not (lab.root / "pulumi").exists()


def test_a_state_may_be_named_from_where_one_stands(
    shared: SharedMemory, lab: MemoryLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the default one is, `.moothall`; the CLI runs in another folder, and nothing comes to lie below that."""
    monkeypatch.chdir(lab.root)
    backend = pulumi_engine.Backend(Path(".moothall"), lab.backend.passphrase)

    made = shared.pulumi.up(lab.run(app), backend)
    assert made.status == "succeeded", made.failures
    gone = shared.pulumi.destroy("bench", "dev", backend, lab.owner(), with_data=True)
    assert gone.status == "succeeded", gone.failures
    assert [path.parent for path in lab.root.rglob(".moothall")] == [lab.root]


def test_a_live_lock_of_either_keeps_the_other_out(shared: SharedMemory, lab: MemoryLab) -> None:
    """While our engine works Pulumi is refused, with the owner's name; what a dead process left is taken over."""
    lab.up(app)
    with lock.hold(lab.backend, "bench", "dev", SILENT), pytest.raises(pulumi_engine.Locked):
        by_pulumi(shared, lab, "2")
    (lab.backend.locks("bench", "dev") / "dead.json").write_text(_dead())

    assert by_pulumi(shared, lab, "2").status == "succeeded"


def test_no_secret_is_in_what_fails(shared: SharedMemory, lab: MemoryLab) -> None:
    """A secret that the engine quotes in its refusal is not shown."""
    canary = "canary-in-a-message-0123"

    def fail(name: str) -> None:
        raise StepFailed(f"no {canary} here")

    lab.engine.on_create = fail
    quiet = Pulumi(shared.pulumi.installation, secrets=[canary])

    outcome = quiet.up(lab.run(app), lab.backend)

    assert outcome.status == "failed"
    assert outcome.failures
    assert canary not in repr(outcome)


@pytest.mark.parametrize("url", ["file:///nowhere", "postgres://me:hunter2@127.0.0.1:9/states"])
def test_states_that_are_not_reached_are_told(shared: SharedMemory, lab: MemoryLab, url: str) -> None:
    """In words with a way to mend it; of the address only where it leads is among them."""
    away = Pulumi(shared.pulumi.installation, url)
    named = re.escape(url.replace("me:hunter2@", "").removesuffix("/states"))

    with pytest.raises(EngineError, match=rf"does not reach the states in {named}: .+") as refused:
        away.survey("bench", lab.backend)

    assert not re.search("hunter2|me:|me@", repr(refused.value))
    assert refused.value.hint


def _dead() -> str:
    owner = {"pid": 2**22 - 1, "hostname": socket.gethostname(), "timestamp": "2026-01-01T00:00:00+00:00"}
    return json.dumps(owner)


def two(w: Words) -> None:
    """Two containers, the second after the first."""
    first = w.container("first")
    w.container("second", w.pulumi.ResourceOptions(depends_on=[first]))


def test_a_stop_lets_the_step_under_way_end(shared: SharedMemory, lab: MemoryLab) -> None:
    """As with the embedded engine: what was begun is made and recorded, the rest is not begun, the next up goes on."""
    stop = threading.Event()

    def on_create(name: str) -> None:
        stop.set()
        assert shared.cancelled.wait(PATIENCE)

    lab.engine.on_create = on_create
    stopped = shared.pulumi.up(lab.run(two), lab.backend, stop=stop)

    assert stopped.status == "interrupted"
    assert lab.engine.calls == [("create", "mem-first")]
    assert lab.resources()["first"]["id"] in lab.engine.objects
    lab.engine.on_create = lambda name: None
    assert ops(shared.pulumi.up(lab.run(two), lab.backend)) == {"second": "create"}


def test_a_run_that_takes_too_long_is_stopped_and_said_so(shared: SharedMemory, lab: MemoryLab) -> None:
    """The deadline stops in the same gentle way."""
    lab.engine.on_create = lambda name: shared.cancelled.wait(PATIENCE)
    hurried = Pulumi(shared.pulumi.installation, seconds=4)

    late = hurried.up(lab.run(two), lab.backend)

    assert late.status == "failed"
    assert any("was not done within 4 s" in failure.message for failure in late.failures), late.failures
    assert ("create", "mem-second") not in lab.engine.calls


def test_a_time_in_other_words_is_a_change_for_pulumi_each_time(shared: SharedMemory, lab: MemoryLab) -> None:
    """The real plug-in reads back `1m0s` where the program says `60s`; ours records what the program says."""

    def declare(w: Words) -> None:
        w.container("app", healthcheck=w.docker.ContainerHealthcheckArgs(tests=["CMD", "true"], interval="60s"))

    assert shared.pulumi.up(lab.run(declare), lab.backend).status == "succeeded"

    assert lab.resources()["app"]["outputs"]["healthcheck"]["interval"] == "1m0s"
    assert ops(shared.pulumi.preview(lab.run(declare), lab.backend)) == {"app": "update"}
    assert ops(lab.preview(declare)) == {}


def test_files_below_a_read_only_root_are_refused_by_both(shared: SharedMemory, lab: MemoryLab) -> None:
    """By us before anything is made; the real plug-in makes the container, cannot fill it, and leaves it."""

    def declare(w: Words) -> None:
        w.container("app", read_only=True, uploads=[w.docker.ContainerUploadArgs(file="/cfg/key", content="x")])

    with pytest.raises(pulumi_engine.Unsupported):
        lab.up(declare)
    assert lab.engine.objects == {}

    theirs = shared.pulumi.up(lab.run(declare), lab.backend)

    assert "container rootfs is marked read-only" in str(theirs.failures)
    assert [(live.name, live.running) for live in lab.engine.objects.values()] == [("mem-app", False)]


def test_an_empty_file_is_none_to_pulumi(shared: SharedMemory, lab: MemoryLab) -> None:
    """The real plug-in cannot tell it from a file without content, and fails half way."""

    def declare(w: Words) -> None:
        w.container("app", uploads=[w.docker.ContainerUploadArgs(file="/cfg/key", content="")])

    assert "must be set" in str(shared.pulumi.up(lab.run(declare), lab.backend).failures)
    assert lab.up(declare).status == "succeeded"
