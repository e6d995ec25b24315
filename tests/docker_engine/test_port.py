"""What the rooms above count on, on the engine in memory and on a real one: one is held against the other."""

from __future__ import annotations

import io
import os
import secrets
import tarfile
from collections.abc import Iterator, Mapping

import docker
import pytest
from tests.busybox import IMAGE, have_image
from tests.fakes.engine import Engine as EngineInMemory
from tests.fakes.store import Program, Store

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import ImageNotFound, NotFound, Refused, TimedOut
from moothall.docker_engine.one_off import (
    AlreadyRunning,
    ContainerResult,
    OneOff,
    create,
    run_one_off,
    temporary_container,
)
from moothall.docker_engine.port import EngineMethods
from moothall.docker_engine.stale import LABEL as STALE
from moothall.docker_engine.stale import OWNER_LABEL, owner_labels, remove_stale
from moothall.docker_engine.tar import texts
from moothall.failures import Inconclusive

HOST = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
LABEL = "moothall.conformance"
GREET = ("cat", "/cfg/greeting")
FAIL = ("sh", "-c", "echo good; echo bad >&2; exit 3")
STAY = ("sleep", "600")
TRUE, FALSE, NUMBER = ("true",), ("false",), ("echo", "[1]")
PROGRAMS: Mapping[tuple[str, ...], Program] = {
    GREET: lambda files: ContainerResult(0, files["/cfg/greeting"].decode(), ""),
    FAIL: lambda files: ContainerResult(3, "good\n", "bad\n"),
    STAY: lambda files: None,
    TRUE: lambda files: ContainerResult(0, "", ""),
    FALSE: lambda files: ContainerResult(1, "", ""),
    NUMBER: lambda files: ContainerResult(0, "[1]\n", ""),
}
PREFIX = f"conformance-{secrets.token_hex(3)}"


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.live)])
def engine(request: pytest.FixtureRequest) -> Iterator[EngineMethods]:
    """Each of the two engines; what the test has made goes again."""
    if request.param == "real":
        with docker.APIClient(HOST, version="auto") as client:
            have_image(client)
    memory = EngineInMemory(Store([IMAGE], PROGRAMS))
    made: EngineMethods = Engine(HOST) if request.param == "real" else memory
    yield made
    made.remove_labelled(f"{LABEL}={PREFIX}")


def one_off(*words: str, name: str | None = None, **labels: str) -> OneOff:
    """Return a container that runs these words."""
    carried = {LABEL: PREFIX, **labels}
    return OneOff(IMAGE, "0:0", carried, 16, name=name, entrypoint=words, volumes=["/cfg"])


def there(engine: EngineMethods) -> list[str]:
    """Return the ids of what the test has made and not removed."""
    return [found["Id"] for found in engine.containers({"label": f"{LABEL}={PREFIX}"})]


def standing(engine: EngineMethods, *words: str, **labels: str) -> str:
    """Return the id of a container that was started."""
    made = create(engine, one_off(*words, **labels))
    engine.start(made)
    return made


def test_a_one_off_says_what_it_was_given_and_goes(engine: EngineMethods) -> None:
    """Its file is there when it starts."""
    assert run_one_off(engine, one_off(*GREET), {"greeting": "hello"}, 30) == ContainerResult(0, "hello", "")
    assert there(engine) == []


def test_a_one_off_that_fails_goes_too(engine: EngineMethods) -> None:
    """What it wrote comes apart by streams."""
    assert run_one_off(engine, one_off(*FAIL), {}, 30) == ContainerResult(3, "good\n", "bad\n")
    assert there(engine) == []


def test_a_one_off_that_does_not_end_goes_as_well(engine: EngineMethods) -> None:
    """Nobody waits longer than was said."""
    with pytest.raises(TimedOut):
        run_one_off(engine, one_off(*STAY), {}, 1)
    assert there(engine) == []


def test_a_block_that_breaks_off_leaves_nothing(engine: EngineMethods) -> None:
    """And one that is gone already when it ends is as good."""
    made = create(engine, one_off(*STAY))
    with pytest.raises(KeyError), temporary_container(engine, made, "It"):
        raise KeyError(made)
    made = create(engine, one_off(*STAY))
    with temporary_container(engine, made, "It"):
        engine.remove(made)
    assert there(engine) == []


def test_a_name_is_a_lock(engine: EngineMethods) -> None:
    """While it works nobody begins the same; what a killed process left behind does not hinder."""
    name = f"{PREFIX}-lock"
    engine.start(create(engine, one_off(*STAY, name=name)))
    with pytest.raises(AlreadyRunning, match=f"{name} is at work since 20"):
        run_one_off(engine, one_off(*TRUE, name=name), {}, 30)
    engine.stop(name, 0)
    assert run_one_off(engine, one_off(*TRUE, name=name), {}, 30).code == 0


def test_an_image_that_is_not_there(engine: EngineMethods) -> None:
    """It is told apart from every other refusal."""
    with pytest.raises(ImageNotFound):
        engine.create_container({"Image": f"{PREFIX}:none", "Cmd": ["true"]})


def test_a_label_is_found_whatever_its_value(engine: EngineMethods) -> None:
    """Its key alone lets by what carries it, and nothing else."""
    key = f"{PREFIX}.change"
    made = [create(engine, one_off(*STAY, **{key: value})) for value in ("1", "2")]
    create(engine, one_off(*STAY))
    assert {each["Labels"][key] for each in engine.containers({"label": key})} == {"1", "2"}
    assert {each["Id"] for each in engine.containers({"label": key})} == set(made)


def test_a_life(engine: EngineMethods) -> None:
    """Created, running, stopped, started again, gone."""
    made = create(engine, one_off(*STAY))
    assert engine.inspect(made)["State"]["Status"] == "created"
    engine.start(made)
    engine.start(made)
    assert engine.inspect(made)["State"]["Running"]
    engine.stop(made, 0)
    assert (engine.inspect(made)["State"]["Status"], engine.wait(made, 10)) == ("exited", 137)
    engine.start(made)
    assert engine.inspect(made)["State"]["Running"]
    engine.remove(made)
    assert engine.container(made) is None


def test_what_is_not_there(engine: EngineMethods) -> None:
    """Every call says so in the same way."""
    for call in (engine.inspect, engine.start, engine.remove, lambda name: engine.stop(name, 0)):
        with pytest.raises(NotFound):
            call(f"{PREFIX}-nobody")
    with pytest.raises(NotFound):
        engine.run(f"{PREFIX}-nobody", TRUE)


def test_commands(engine: EngineMethods) -> None:
    """They run where something runs, and answer with what they print."""
    made = standing(engine, *STAY)
    assert engine.run(made, FALSE) == (1, "")
    code, both = engine.run(made, FAIL)
    assert (code, set(both.split())) == (3, {"good", "bad"})  # two streams keep no order
    assert engine.command_json(made, NUMBER, "echo", [int]) == [1]
    with pytest.raises(Inconclusive, match=f"false in {made} ended with 1: no output"):
        engine.answer(made, FALSE)
    engine.stop(made, 0)
    with pytest.raises(Refused):
        engine.run(made, TRUE)


def test_files(engine: EngineMethods) -> None:
    """What is put in comes out, whether it runs or not; what is not there is said."""
    made = create(engine, one_off(*STAY))
    engine.write_files(made, "/cfg", texts({"one": "1"}))
    stream, stat = engine.read_files(made, "/cfg/one")
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        file = tar.extractfile("one")
        assert file and file.read() == b"1"
    assert stat["size"] == 1
    with pytest.raises(NotFound):
        engine.read_files(made, "/cfg/two")


def test_what_carries_a_label_goes_together(engine: EngineMethods) -> None:
    """Containers and volumes, and nothing else."""
    other = standing(engine, *STAY)
    for word in ("one", "two"):
        standing(engine, *STAY, **{f"{LABEL}.of": word})
        engine.create_volume(f"{PREFIX}-{word}", {LABEL: PREFIX, f"{LABEL}.of": word})
    engine.remove_labelled(f"{LABEL}.of=one")
    assert len(there(engine)) == 2
    assert other in there(engine)
    assert [each["Name"] for each in engine.volumes({"label": f"{LABEL}={PREFIX}"})] == [f"{PREFIX}-two"]


def test_what_a_killed_process_left_is_removed(engine: EngineMethods) -> None:
    """What this process runs stays, and so does what is another partnership's."""
    mine = standing(engine, *STAY, **owner_labels(PREFIX))
    machine = owner_labels(PREFIX)[OWNER_LABEL].partition("/")[0]
    left = standing(engine, *STAY, **{STALE: PREFIX, OWNER_LABEL: f"{machine}/1/0"})
    others = standing(engine, *STAY, **{STALE: f"{PREFIX}-other", OWNER_LABEL: f"{machine}/1/0"})
    strange = [
        standing(engine, *STAY, **{STALE: PREFIX, OWNER_LABEL: f"{machine}/{process}/0"})
        for process in ("\u00b2", "9" * 5000, "-1", "1\n")
    ]
    remove_stale(engine, PREFIX)
    assert (mine in there(engine), left in there(engine), others in there(engine)) == (True, False, True)
    assert not {*there(engine)} & {*strange}
