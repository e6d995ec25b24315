"""What a killed run of the CLI has left is cleared away by the next one, wherever the state is."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from tests.pulumi_cli.by_pulumi import two
from tests.pulumi_cli.real_pulumi import SharedMemory, cli_of
from tests.pulumi_engine.memory_engine import MemoryEngine, MemoryLab
from tests.waiting import wait_until

from moothall.processes import start_ticks
from moothall.pulumi_cli import Pulumi

pytestmark = pytest.mark.pulumi


@pytest.fixture
def lab(shared: SharedMemory, tmp_path: Path) -> MemoryLab:
    """A lab that both engines work on."""
    made = MemoryLab(tmp_path / "state")
    shared.use(made)
    return made


@pytest.fixture(params=["here", "elsewhere"])
def killed(request: pytest.FixtureRequest, shared: SharedMemory, lab: MemoryLab, tmp_path: Path) -> Pulumi:
    """The real engine after a run was killed, with its state here or elsewhere; what it had begun is made after all."""
    url = "" if request.param == "here" else f"file://{tmp_path}/bucket"
    (tmp_path / "bucket").mkdir()
    shared.hold(lab)
    moothall = shared.started(lab, url)
    wait_until(lambda: shared.held, moothall.poll)
    cli = cli_of(moothall.pid)
    for process in (moothall.pid, cli):
        os.kill(process, signal.SIGKILL)
    moothall.communicate()
    wait_until(lambda: start_ticks(cli) is None)
    shared.let_go()
    wait_until(lambda: lab.engine.objects)
    for lock in (tmp_path / "bucket" / ".pulumi").rglob("locks/**/*.json"):  # as `pulumi cancel` does
        lock.unlink()
    return Pulumi(shared.pulumi.installation, url, connect=shared.pulumi.connect)


def names(engine: MemoryEngine) -> list[str]:
    """The names of what is there."""
    return sorted(live.name for live in engine.objects.values())


def test_up_makes_everything_once(killed: Pulumi, lab: MemoryLab) -> None:
    """What had been begun goes first: nobody knows how far it got."""
    [before] = lab.engine.objects

    done = killed.up(lab.run(two), lab.backend)

    assert done.status == "succeeded", done.failures
    assert names(lab.engine) == ["mem-first", "mem-second"]
    assert before not in lab.engine.objects


@pytest.mark.parametrize("content", ["", '{"user.'])
def test_attributes_that_are_half_written_are_removed(shared: SharedMemory, lab: MemoryLab, content: str) -> None:
    """The CLI writes them beside the state in place, and would not read a state with a half of them again."""
    assert shared.pulumi.up(lab.run(two), lab.backend).status == "succeeded"
    checkpoint = lab.backend.checkpoint("bench", "dev")
    attributes = checkpoint.with_name(f"{checkpoint.name}.attrs")
    assert attributes.exists()
    for work in (shared.pulumi.preview, shared.pulumi.up):
        attributes.write_text(content)

        done = work(lab.run(two), lab.backend)

        assert done.changes == ()
        assert not done.failures, done.failures


def test_destroy_takes_it_down(killed: Pulumi, lab: MemoryLab) -> None:
    """Though no record has it."""
    assert killed.destroy("bench", "dev", lab.backend, lab.owner(), with_data=False).status == "succeeded"

    assert lab.engine.objects == {}
