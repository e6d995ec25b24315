"""What up decides, on an engine in memory."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.pulumi_engine.lab import LABEL, Words, ops, step_of
from tests.pulumi_engine.memory_engine import MemoryLab, fails_once

from moothall import pulumi_engine
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, NETWORK, VOLUME
from moothall.pulumi_engine.provider.port import Live, StepFailed


@pytest.fixture(params=[False, True], ids=["run twice", "carried out"])
def lab(tmp_path: Path, request: pytest.FixtureRequest) -> MemoryLab:
    """A lab without Docker, whose programs are run again or not."""
    return MemoryLab(tmp_path, declarative=request.param)


def tiers(w: Words, env: str = "1") -> None:
    """A network, two containers on it, and one made from the first one's id."""
    network = w.network("net")
    first = w.container("first", envs=[env], networks_advanced=w.joined(network))
    w.container("second", networks_advanced=w.joined(network))
    w.container("made-from-first", envs=[first.id.apply(lambda id_: f"ID={id_}")])


def test_order_follows_dependencies(lab: MemoryLab) -> None:
    """What is needed is made first and deleted last."""
    lab.up(tiers)
    made = [name for op, name in lab.engine.calls if op == "create"]
    assert made[0] == "mem-net"
    assert made.index("mem-first") < made.index("mem-made-from-first")

    lab.engine.calls.clear()
    lab.up(lambda w: None)
    gone = [name for op, name in lab.engine.calls if op == "delete"]
    assert gone[-1] == "mem-net"
    assert gone.index("mem-made-from-first") < gone.index("mem-first")


def test_a_replacement_takes_along_what_is_made_from_it(lab: MemoryLab) -> None:
    """The dependant is deleted before and made after, the others are left alone."""
    lab.up(tiers)
    lab.engine.calls.clear()

    assert ops(lab.up(lambda w: tiers(w, "2"))) == {"first": "replace", "made-from-first": "replace"}
    assert lab.engine.calls == [
        ("delete", "mem-made-from-first"),
        ("delete", "mem-first"),
        ("create", "mem-first"),
        ("create", "mem-made-from-first"),
    ]


def test_independent_resources_are_made_at_once(lab: MemoryLab) -> None:
    """Two creations that wait for each other both end."""
    together = threading.Barrier(2, timeout=20)
    lab.engine.on_create = lambda name: together.wait() and None

    done = lab.up(lambda w: (w.volume("one"), w.volume("two")))

    assert done.status == "succeeded"


def test_a_failed_creation_is_recorded_and_replaced_next_time(lab: MemoryLab) -> None:
    """The half-made object is in the state, marked; what needs it is not tried; then all is made."""
    lab.engine.on_create = fails_once("mem-first")

    done = lab.up(tiers)

    assert done.status == "failed"
    assert [failure.name for failure in done.failures] == ["first"]
    record = lab.resources()["first"]
    assert (record["id"], record["taint"], record["initErrors"]) == ("half-made", True, ["mem-first would not"])
    assert "made-from-first" not in lab.resources()
    assert "second" in lab.resources()
    again = lab.up(tiers)
    assert ops(again) == {"first": "replace", "made-from-first": "create"}
    assert step_of(again, "first").diff == ("initErrors",)


def test_nothing_is_deleted_after_a_failure(lab: MemoryLab) -> None:
    """What the program no longer wants stays until the rest has succeeded."""
    lab.up(lambda w: w.volume("old"))
    lab.engine.on_create = fails_once("mem-new")

    assert lab.up(lambda w: w.volume("new")).status == "failed"
    assert "mem-old" in lab.engine.objects
    assert lab.up(lambda w: w.volume("new")).status == "succeeded"
    assert "mem-old" not in lab.engine.objects


def test_an_object_of_ours_without_record_is_taken_up(lab: MemoryLab) -> None:
    """A labelled volume is adopted as it is, a labelled container is removed and made again."""
    owner = {LABEL: lab.owner()[1]}
    lab.engine.objects = {
        "mem-data": Live(VOLUME, "mem-data", "mem-data", owner),
        "stray": Live(CONTAINER, "stray", "mem-app", owner),
    }

    assert lab.up(lambda w: (w.volume("data"), w.container("app"))).status == "succeeded"
    assert sorted(lab.engine.calls) == [("create", "mem-app"), ("delete", "mem-app")]


def test_a_call_of_a_killed_run_that_ends_late(lab: MemoryLab) -> None:
    """The network is not there when looked for, is refused as overlapping, and then is there: it is adopted."""
    lab.up(lambda w: None)
    path = lab.backend.checkpoint("bench", "dev")
    whole = json.loads(path.read_text())
    urn = f"urn:pulumi:dev::bench::{NETWORK}::net"
    announced = {"urn": urn, "custom": True, "type": NETWORK, "inputs": {"name": "mem-net"}}
    whole["checkpoint"]["latest"]["pending_operations"] = [{"resource": announced, "type": "creating"}]
    del whole["checkpoint"]["latest"]["manifest"]  # with the digest of what was there before
    path.write_text(json.dumps(whole))

    def arrives(name: str) -> None:
        lab.engine.objects["late"] = Live(NETWORK, "late", "mem-net", {LABEL: lab.owner()[1]})
        raise StepFailed("Pool overlaps with other one")

    lab.engine.on_create = arrives
    assert lab.up(lambda w: w.network("net")).status == "succeeded"
    assert lab.resources()["net"]["id"] == "late"
    assert "pending_operations" not in lab.checkpoint()


def test_a_volume_that_two_records_share_is_never_deleted(lab: MemoryLab) -> None:
    """Renaming a volume's resource without an alias forgets the old record and keeps the data."""
    lab.up(lambda w: w.volume("data"))

    done = lab.up(lambda w: w.volume("renamed", name=w.name_of("data")))

    assert step_of(done, "data").retained
    assert "mem-data" in lab.engine.objects
    assert ("delete", "mem-data") not in lab.engine.calls


def test_another_engine_under_a_new_address_is_refused(lab: MemoryLab) -> None:
    """A changed host on which the volumes are not is another engine: nothing is recreated there."""
    lab.up(lambda w: w.volume("data"))
    lab.engine.objects.clear()
    lab.host = "unix:///elsewhere.sock"

    with pytest.raises(pulumi_engine.Conflict, match="not on the new engine"):
        lab.up(lambda w: w.volume("data"))


def test_a_new_address_of_the_same_engine(lab: MemoryLab) -> None:
    """The provider is updated, the objects stay."""
    lab.up(lambda w: w.volume("data"))
    lab.host = "unix:///the-same-by-another-name.sock"

    assert ops(lab.up(lambda w: w.volume("data"))) == {"engine": "update"}
    assert lab.resources()["engine"]["inputs"]["host"] == lab.host


def test_a_volume_that_somebody_else_made_since_is_not_ours(lab: MemoryLab) -> None:
    """Its name is in the state, its label is another's: neither kept as ours nor deleted."""
    lab.up(lambda w: w.volume("data"))
    lab.engine.objects["mem-data"] = Live(VOLUME, "mem-data", "mem-data", {LABEL: "another"})

    for declare in (lambda w: w.volume("data"), lambda w: None):
        with pytest.raises(pulumi_engine.NotOwned, match="another"):
            lab.up(declare)
    assert "mem-data" in lab.engine.objects


def test_who_names_a_failed_network_by_a_literal_is_not_tried(lab: MemoryLab) -> None:
    """Only that one: its siblings are made."""
    lab.engine.on_create = fails_once("mem-net")

    def declare(w: Words) -> None:
        w.network("net")
        w.container("on-it", networks_advanced=w.joined(w.name_of("net")))
        w.container("sibling")

    assert lab.up(declare).status == "failed"
    assert {name for _, name in lab.engine.calls} == {"mem-sibling"}
    assert lab.up(declare).status == "succeeded"


def test_an_exception_in_an_apply_comes_through(lab: MemoryLab) -> None:
    """The program's own error ends the preview at once, whatever else is waited for."""

    def declare(w: Words) -> None:
        data = w.volume("data")
        w.container("app", envs=[data.name.apply(lambda name: 1 / 0)])

    with pytest.raises(ZeroDivisionError):
        lab.preview(declare)


def test_an_update_that_was_done_but_not_recorded(lab: MemoryLab) -> None:
    """The announcement of a killed run is cleared even when nothing is left to do."""
    lab.up(lambda w: w.volume("data"))
    path = lab.backend.checkpoint("bench", "dev")
    whole = json.loads(path.read_text())
    record = whole["checkpoint"]["latest"]["resources"][-1]
    whole["checkpoint"]["latest"]["pending_operations"] = [{"resource": record, "type": "updating"}]
    del whole["checkpoint"]["latest"]["manifest"]
    path.write_text(json.dumps(whole))

    assert ops(lab.up(lambda w: w.volume("data"))) == {}
    assert "pending_operations" not in lab.checkpoint()


def test_a_job_that_removes_itself_is_not_missed(lab: MemoryLab) -> None:
    """rm and must_run=False: gone is as it should be."""

    def declare(w: Words) -> None:
        w.job("job", "true", rm=True)

    lab.up(declare)
    lab.engine.objects.clear()
    assert ops(lab.preview(declare)) == {}


def test_a_missing_owner_label_is_refused(lab: MemoryLab) -> None:
    """Without it nobody could tell the object's owner after a crash."""
    with pytest.raises(pulumi_engine.Conflict, match=LABEL):
        lab.preview(lambda w: w.volume("data", labels=[]))


def test_the_same_name_twice_is_refused(lab: MemoryLab) -> None:
    """Two resources of one URN."""
    with pytest.raises(pulumi_engine.Conflict, match="twice"):
        lab.preview(lambda w: (w.volume("data"), w.volume("data")))


def test_a_replacement_of_what_must_be_retained_is_refused(lab: MemoryLab) -> None:
    """Its fixed name leaves no way to keep the old one."""

    def declare(size: str) -> Any:
        return lambda w: w.volume("data", w.pulumi.ResourceOptions(retain_on_delete=True), driver_opts={"size": size})

    lab.up(declare("1"))
    with pytest.raises(pulumi_engine.Protected):
        lab.up(declare("2"))


def test_secret_marks_are_added_to_the_state(lab: MemoryLab) -> None:
    """A value that becomes secret is sealed although it is the same, and is no step."""

    def declare(*, secret: bool) -> Any:
        def program(w: Words) -> None:
            content = w.pulumi.Output.secret("the-value") if secret else "the-value"
            w.container("app", uploads=[w.docker.ContainerUploadArgs(file="/f", content=content)])

        return program

    lab.up(declare(secret=False))
    assert "the-value" in json.dumps(lab.checkpoint())
    assert ops(lab.up(declare(secret=True))) == {}
    assert "the-value" not in json.dumps(lab.checkpoint())
