"""The job of a cut-over on an engine in memory: one at a time, and what silence or a kill leaves of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.containers import EXITED
from tests.fakes.falls import Killed, killed, silent
from tests.fakes.store import Files, Store
from tests.operations.cutover.tenant import JOB, WORDS, Watched

from moothall.docker_engine.one_off import ContainerResult
from moothall.failures import BLOCKED, FAILED, REFUSED, OperationError
from moothall.model.engines import Endpoint
from moothall.model.planned import Container, Plan
from moothall.operations.cutover.run_job import send

AT = Endpoint("unix:///nowhere")
ANSWER: dict[str, Any] = {
    "state": "imported",
    "totals": [["2007-1", "1000", "1.00", "0.00"]],
    "moves": 1,
    "lines": 2,
    "seconds": {"import": 1.0},
    "lost": {},
    "at": "2007-01-01T06:00:00.123456",
}


class Tenant:
    """The tenant behind the job, in which a ledger is or is not; `hangs` has the job go on running."""

    def __init__(self) -> None:
        self.ledgers: list[str] = []
        self.hangs = False
        self.ends = ContainerResult(0, "", "")

    def job(self, files: Files) -> ContainerResult | None:
        """Do what the order says: import a ledger once, and say what is there."""
        if self.hangs:
            return None
        if self.ends != ContainerResult(0, "", ""):
            return self.ends
        order = json.loads(files["/cfg/order.json"])
        known = order["digest"] in self.ledgers
        if not known:
            self.ledgers.append(order["digest"])
        return ContainerResult(0, json.dumps(ANSWER | {"state": "standing" if known else "imported"}), "")


@pytest.fixture
def tenant() -> Tenant:
    """A tenant without a ledger."""
    return Tenant()


@pytest.fixture
def prepare(dales: tuple[Path, Plan]) -> Container:
    """The planned job beside which the cut-over's stands."""
    containers = [each for stack in dales[1].stacks for each in stack.containers]
    return next(each for each in containers if each.name == "dales.alston.hill.ledger-prepare")


@pytest.fixture
def engine(tenant: Tenant, prepare: Container, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """The engine on which the tenant's database is."""
    made = Watched(Store([prepare.image], {WORDS: tenant.job}))
    monkeypatch.setattr("moothall.operations.cutover.run_job.engine_at", lambda endpoint: made)
    return made


@pytest.fixture
def cut_over(engine: Watched, prepare: Container) -> Callable[[], dict[str, Any]]:
    """Return what sends the job, as a process of its own."""
    order = {"action": "import", "tenant": "alston", "council": "alston", "instance": "ledger", "digest": "L1"}
    texts = dict.fromkeys(("/cfg/ca.crt", "/cfg/client.crt", "/cfg/client.key", "/cfg/database-password"), "TEXT")
    return lambda: send(AT, "dales", prepare, texts, order)


STEPS = ["create", "put", "start", "wait", "remove"]
Cut = Callable[[], dict[str, Any]]


def test_the_job_is_done_and_goes(engine: Watched, tenant: Tenant, cut_over: Cut) -> None:
    """It runs once, to its end, and leaves nothing but the ledger; done again it says that it stands."""
    assert cut_over() == ANSWER
    assert engine.steps == STEPS
    assert engine.containers() == []
    assert cut_over() == ANSWER | {"state": "standing"}
    assert tenant.ledgers == ["L1"]


def test_another_job_at_the_same_time(engine: Watched, tenant: Tenant, cut_over: Cut) -> None:
    """It is refused while the first is at work, with how that is waited for; afterwards it is done."""
    tenant.hangs = True
    engine.machine.fall(STEPS.index("wait"), killed)  # who sent the first is gone; its job goes on
    with pytest.raises(Killed):
        cut_over()
    engine.machine.revive()
    engine.machine.done.clear()
    with pytest.raises(OperationError, match=f"{JOB} is at work since 2026-11-29T12:00:00") as failed:
        cut_over()
    assert failed.value.exit_code == BLOCKED
    assert failed.value.hint == f"docker --host {AT.host} wait {JOB}  # then run the same command again"
    assert (engine.steps, tenant.ledgers) == ([], [])

    tenant.hangs = False
    engine.stop(JOB, 0)
    assert cut_over() == ANSWER
    assert engine.containers() == []


@pytest.mark.parametrize("number", range(STEPS.index("remove")))
def test_two_who_begin_at_once(
    engine: Watched, tenant: Tenant, cut_over: Cut, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Whatever the one is at when the other comes, one of them gets to the end; the other is told what leads on."""
    genuine, ends = engine.machine.step, []

    def told() -> object:
        try:
            return cut_over()
        except OperationError as failed:
            return failed.hint

    def interrupted(what: str) -> None:
        if len(engine.machine.done) == number and not ends:
            ends.append("the other has begun")
            ends.append(told())
        genuine(what)

    monkeypatch.setattr(engine.machine, "step", interrupted)
    ends.append(told())

    advised = [end for end in ends[1:] if isinstance(end, str)]
    assert len(advised) < 2, ends
    assert all(hint.startswith("moothall cutover alston ledger --extract DIR ") for hint in advised)
    assert cut_over() == ANSWER | {"state": "standing"}
    assert tenant.ledgers == ["L1"]
    assert engine.containers() == []


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_killed_before_any_step(engine: Watched, tenant: Tenant, cut_over: Cut, number: int) -> None:
    """The next one takes away what is left of the first, and the ledger is there once."""
    engine.machine.fall(number, killed)
    with pytest.raises(Killed):
        cut_over()
    assert engine.steps == STEPS[:number]
    engine.machine.revive()
    assert [each["State"] for each in engine.containers()] in ([], ["created"], [EXITED])
    assert cut_over() == ANSWER | {"state": "imported" if number < 3 else "standing"}
    assert tenant.ledgers == ["L1"]
    assert engine.containers() == []


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_the_engine_falls_silent_before_any_step(engine: Watched, tenant: Tenant, cut_over: Cut, number: int) -> None:
    """It is told that the engine does not answer and what leads on; the next one comes to the same end."""
    engine.machine.fall(number, silent)
    with pytest.raises(OperationError, match="does not answer") as failed:
        cut_over()
    assert failed.value.hint
    engine.machine.revive()
    assert cut_over() == ANSWER | {"state": "imported" if number < 3 else "standing"}
    assert tenant.ledgers == ["L1"]
    assert engine.containers() == []


ENDS = {
    "refused": (ContainerResult(REFUSED, "", "x\nit has postings\n"), "Nothing was changed.", "it has postings"),
    "failed": (ContainerResult(1, "", "Traceback\nno room\n"), "The tenant is as it was.", "ended with 1: no room"),
    "unread": (ContainerResult(0, "not JSON", ""), "What it was told to do is done.", "cannot be read: 'not JSON'"),
}


@pytest.mark.parametrize("case", ENDS)
def test_how_a_job_may_end(engine: Watched, tenant: Tenant, cut_over: Cut, case: str) -> None:
    """What it came to is told with what is so now and a command that leads on; its container is gone."""
    tenant.ends, state, message = ENDS[case]
    with pytest.raises(OperationError, match=message) as failed:
        cut_over()
    assert failed.value.exit_code == (REFUSED if case == "refused" else FAILED)
    assert failed.value.state == state
    assert failed.value.hint.startswith("moothall ")
    assert engine.containers() == []


def test_steps_are_counted_to_the_end(engine: Watched, cut_over: Cut) -> None:
    """The laws above try every step there is: one more, and nobody is killed."""
    for number in count():
        engine.machine.fall(number, killed)
        try:
            cut_over()
        except Killed:
            engine.machine.revive()
            cut_over()
        else:
            break
    assert number == len(STEPS)


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "evil"},
        {"totals": [["2007-1", "1000", "1.00"]]},
        {"totals": [["2007-1", "1000", "evil", "0.00"]]},
        {"totals": [["2007-1", "1000", "NaN", "0.00"]]},
        {"moves": "1"},
        {"seconds": {"import": "evil"}},
        {"lost": {"party.party": 1.5}},
        {"at": "\x1b[2J"},
    ],
)
def test_an_answer_that_no_job_gives(cut_over: Callable[[], object], tenant: Tenant, changed: dict[str, Any]) -> None:
    """It is refused as a whole; what the job was told to do is done."""
    tenant.ends = ContainerResult(0, json.dumps(ANSWER | changed), "")

    with pytest.raises(OperationError, match="its answer cannot be read") as failure:
        cut_over()

    assert failure.value.state == "What it was told to do is done."
