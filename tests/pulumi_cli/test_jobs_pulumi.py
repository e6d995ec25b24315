"""Jobs that end badly under the real CLI, whose plug-in does not look at how they end."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pulumi_cli.real_pulumi import SharedMemory
from tests.pulumi_engine.lab import Told, Words, ops
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall.pulumi_cli import Pulumi

pytestmark = pytest.mark.pulumi


@pytest.fixture
def lab(shared: SharedMemory, tmp_path: Path) -> MemoryLab:
    """A lab that both engines work on, where the job ends with 3."""
    made = MemoryLab(tmp_path / "state")
    made.engine.codes["mem-job"] = 3
    shared.use(made)
    return made


def declare(w: Words) -> None:
    """A job and a service."""
    w.job("job", "exit 3", w.pulumi.ResourceOptions(delete_before_replace=True))
    w.container("app")


def with_an_uploader(w: Words) -> None:
    """A container that is never started, and so never ends."""
    w.container("uploader", start=False, must_run=False)


@pytest.fixture(params=["here", "elsewhere"])
def pulumi(request: pytest.FixtureRequest, shared: SharedMemory, tmp_path: Path) -> Pulumi:
    """The real engine, with its state here or in another backend."""
    if request.param == "here":
        return shared.pulumi
    (tmp_path / "bucket").mkdir()
    return Pulumi(shared.pulumi.installation, f"file://{tmp_path}/bucket", connect=shared.pulumi.connect)


def test_a_job_that_ends_badly_fails_the_up_and_is_made_again(pulumi: Pulumi, lab: MemoryLab) -> None:
    """With its last lines, as by the embedded engine; the next `up` recreates it, and nothing else."""
    watched = Told()

    done = pulumi.up(lab.run(declare), lab.backend, observer=watched)

    assert done.status == "failed"
    [failure] = done.failures
    assert (failure.name, failure.message) == ("job", "mem-job ended with exit code 3.\nits last line")
    assert ("failed", "job") in watched.events
    assert ops(pulumi.preview(lab.run(declare), lab.backend)) == {"job": "replace"}

    again = pulumi.up(lab.run(declare), lab.backend)
    assert (again.status, ops(again)) == ("failed", {"job": "replace"})
    lab.engine.codes.clear()
    mended = pulumi.up(lab.run(declare), lab.backend)
    assert (mended.status, ops(mended)) == ("succeeded", {"job": "replace"})
    assert ops(pulumi.preview(lab.run(declare), lab.backend)) == {}


def test_the_embedded_engine_makes_it_again(shared: SharedMemory, lab: MemoryLab) -> None:
    """What the one has found out the other knows."""
    done = shared.pulumi.up(lab.run(declare), lab.backend)
    assert [failure.name for failure in done.failures] == ["job"], done.failures

    assert ops(lab.preview(declare)) == {"job": "replace"}
    lab.engine.codes.clear()
    assert lab.up(declare).status == "succeeded"
    assert ops(shared.pulumi.preview(lab.run(declare), lab.backend)) == {}


def test_what_is_never_started_has_not_failed(shared: SharedMemory, lab: MemoryLab) -> None:
    """And a job that this run did not make is none of its business: its end has been told."""
    assert shared.pulumi.up(lab.run(with_an_uploader), lab.backend).status == "succeeded"

    lab.engine.codes["mem-job"] = 0
    assert shared.pulumi.up(lab.run(declare), lab.backend).status == "succeeded"
    lab.engine.codes["mem-job"] = 3
    assert shared.pulumi.up(lab.run(declare), lab.backend).status == "succeeded"
