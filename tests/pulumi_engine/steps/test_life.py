"""A stack's life on the real engine: drift, company, interruption, the end."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.pulumi_engine.lab import IMAGE, LABEL, Lab, Told, Words, ops, step_of
from tests.pulumi_engine.programs import small_stack

from moothall import pulumi_engine

if TYPE_CHECKING:
    import docker

pytestmark = pytest.mark.live


def protected(w: Words, **more: Any) -> Any:
    """The option protect."""
    return w.pulumi.ResourceOptions(protect=True, **more)


def test_retained_volumes_stay_and_are_taken_up_again(lab: Lab, client: docker.APIClient) -> None:
    """retainOnDelete forgets the volume; the same program adopts it with its data."""

    def declare(w: Words) -> None:
        w.volume("data", w.pulumi.ResourceOptions(retain_on_delete=True))

    lab.up(declare)
    made = client.inspect_volume(lab.name("data"))["CreatedAt"]
    gone = lab.up(lambda w: None)

    assert step_of(gone, "data").retained
    assert "data" not in lab.resources()
    assert lab.up(declare).status == "succeeded"
    assert client.inspect_volume(lab.name("data"))["CreatedAt"] == made


def test_vanished_and_stopped_objects_come_back(lab: Lab, client: docker.APIClient) -> None:
    """A removed container is made, a stopped one is started; preview says which, and so does survey."""

    def declare(w: Words) -> None:
        w.container("gone")
        w.container("still")
        w.container("asleep", must_run=False, start=False)

    lab.up(declare)
    client.remove_container(lab.name("gone"), v=True, force=True)
    client.stop(lab.name("still"), timeout=0)
    client.start(lab.name("asleep"))

    (surveyed,) = pulumi_engine.survey("bench", lab.backend).stacks
    assert {(drift.name, drift.trouble) for drift in surveyed.drift} == {
        (lab.name("gone"), "missing"),
        (lab.name("still"), "not running"),
        (lab.name("asleep"), "running"),
    }
    foreseen = lab.preview(declare)
    assert ops(foreseen) == {"gone": "create", "still": "update", "asleep": "update"}
    assert step_of(foreseen, "still").diff == ("mustRun",)
    assert lab.up(declare).status == "succeeded"
    assert ops(lab.preview(declare)) == {}
    assert pulumi_engine.survey("bench", lab.backend).stacks[0].drift == ()


def test_an_engine_that_does_not_answer_loses_nothing(lab: Lab) -> None:
    """EngineUnreachable names the host, the state stays, and survey counts nothing as gone."""
    lab.up(lambda w: w.volume("data"))
    checkpoint = lab.backend.checkpoint("bench", "dev")
    lab.host = "unix:///run/no-such-engine.sock"
    text = checkpoint.read_text()

    with pytest.raises(pulumi_engine.EngineUnreachable, match="no-such-engine"):
        lab.up(lambda w: w.volume("data"))
    assert checkpoint.read_text() == text
    edited = json.loads(text.replace("unix:///var/run/docker.sock", lab.host))
    del edited["checkpoint"]["latest"]["manifest"]  # with the digest of what was there before
    checkpoint.write_text(json.dumps(edited))
    (surveyed,) = pulumi_engine.survey("bench", lab.backend).stacks
    assert (surveyed.unreachable, surveyed.drift) == (lab.host, ())


def test_two_ups_on_one_stack(lab: Lab) -> None:
    """Exactly one works, the other is told who holds the lock; afterwards there is no lock."""
    results: list[str] = []
    together = threading.Barrier(2)

    def declare(w: Words) -> None:
        w.job("job", "sleep 1")

    def work() -> None:
        together.wait()
        try:
            results.append(lab.up(declare).status)
        except pulumi_engine.Locked as locked:
            results.append("locked" if locked.pid else "locked by nobody")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["locked", "succeeded"]
    assert list(lab.backend.locks("bench", "dev").iterdir()) == []


def test_two_stacks_at_once(lab: Lab, client: docker.APIClient) -> None:
    """Programs in threads of one process do not mix."""
    stacks = ("one", "two", "three")
    outcomes: dict[str, pulumi_engine.Outcome] = {}

    def work(stack: str) -> None:
        outcomes[stack] = lab.up(lambda w: w.container(f"app-{stack}", envs=[f"WHO={stack}"]), stack)

    threads = [threading.Thread(target=work, args=(stack,)) for stack in stacks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {stack: outcome.status for stack, outcome in outcomes.items()} == dict.fromkeys(stacks, "succeeded")
    for stack in stacks:
        found = client.inspect_container(lab.name(f"app-{stack}"))["Config"]
        assert found["Labels"][LABEL] == lab.owner(stack)[1]
        assert f"WHO={stack}" in found["Env"]


def test_interrupted(lab: Lab) -> None:
    """What runs ends and is recorded, nothing new begins, and the next up goes on."""
    stop = threading.Event()

    class Stopping(Told):
        """An observer that asks to stop as soon as something begins."""

        def step_started(self, stack: str, step: Any) -> None:
            """Ask to stop."""
            stop.set()

    def declare(w: Words) -> None:
        first = w.job("first", "sleep 0.2")
        w.container("second", w.pulumi.ResourceOptions(depends_on=[first]))

    done = lab.up(declare, observer=Stopping(), stop=stop)

    assert done.status == "interrupted"
    assert "first" in lab.resources()
    assert "second" not in lab.resources()
    assert ops(lab.up(declare)) == {"second": "create"}


def test_destroy_keeps_data_unless_told(lab: Lab, client: docker.APIClient) -> None:
    """Without data the protected volume stays with what its record needs; with data all goes."""
    lab.up(small_stack("1", lab.subnet(1)))

    foreseen = pulumi_engine.destroy_preview("bench", "dev", lab.backend, with_data=False)
    done = lab.destroy(with_data=False)
    going = ("job", "app", "cfg", "cfg-volume", "net")
    assert ops(foreseen) == ops(done) == dict.fromkeys(going, "delete")
    assert set(lab.resources()) == {"bench-dev", "engine", "data"}
    client.inspect_volume(lab.name("data"))
    assert ops(lab.up(small_stack("1", lab.subnet(1)))) == dict.fromkeys(going, "create")
    assert lab.destroy(with_data=True).status == "succeeded"
    assert lab.resources() == {}
    assert client.volumes(filters={"name": lab.name("data")})["Volumes"] in (None, [])


def test_stopping_is_graceful(lab: Lab, client: docker.APIClient) -> None:
    """The stop signal is given and waited for before the container goes."""
    script = "trap 'echo bye > /data/last; exit 0' TERM; while :; do sleep 0.1; done"

    def declare(w: Words) -> None:
        volume = w.volume("data", protected(w))
        w.container("app", command=["sh", "-c", script], stop_signal="SIGTERM", mounts=w.mounted(volume))

    lab.up(declare)
    lab.destroy(with_data=False)
    binds = client.create_host_config(binds=[f"{lab.name('data')}:/data"])
    reader = client.create_container(IMAGE, ["cat", "/data/last"], labels={LABEL: lab.owner()[1]}, host_config=binds)
    client.start(reader)
    client.wait(reader)
    assert client.logs(reader) == b"bye\n"
