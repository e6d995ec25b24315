"""The command `cutover` on an engine in memory: what it does and writes down, and what leads on when it cannot."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable

import pytest
from tests.cutover import smartstream
from tests.fakes.falls import Killed, killed, silent
from tests.operations.cutover.conftest import BEFORE, DAY, Operator, Typed
from tests.operations.cutover.tenant import AT, JOB, Ledger

from moothall.failures import BLOCKED, FAILED, OK, REFUSED

HOST = "unix:///var/run/docker.sock"
STEPS = ["create", "put", "start", "wait", "remove"]
DEEDS = ("rehearse", "import", "undo")


def do(operator: Operator, deed: str) -> Typed:
    """Do one of the three things that the command does, without being asked."""
    words = {
        "rehearse": ["--extract", str(operator.extract), "--rehearse"],
        "import": ["--extract", str(operator.extract), "--yes"],
        "undo": ["--undo", "--yes"],
    }
    return operator.type(*words[deed])


def prepare(operator: Operator, deed: str) -> None:
    """Have what a deed needs."""
    if deed == "undo":
        assert do(operator, "import").code == OK
        operator.ledger.parties = 2
    operator.ledger.done.clear()
    operator.engine.machine.done.clear()


def has_ended(operator: Operator, deed: str) -> None:
    """Hold that the tenant is as it is after this deed, done once, and that nothing else is left."""
    assert operator.ledger.done == ([] if deed == "rehearse" else [deed])
    assert bool(operator.ledger.digest) == (deed == "import")
    assert operator.ledger.parties == 0
    assert operator.engine.machine.made == {}


def test_before_the_day_it_is_rehearsed(operator: Operator, ledger: Ledger) -> None:
    """Nobody is asked, nothing is in the tenant, and what came of it is written down."""
    typed = operator.type("--extract", str(operator.extract), "--format", "json", day=BEFORE)
    found = json.loads(typed.out)
    assert (typed.code, found["asked"], found["state"], found["summary"]["failed"]) == (OK, "rehearse", "rehearsed", 0)
    assert (found["journals"], found["totals"]["old"]) == (3, found["totals"]["new"])
    assert operator.evidence() == [f"{BEFORE}-cutover-alston-ledger-rehearsed"]
    has_ended(operator, "rehearse")


def test_on_the_day_it_is_imported_and_can_be_undone(operator: Operator, ledger: Ledger) -> None:
    """Done again it stands; undone it is gone with what was made since, and another extract may come."""
    assert do(operator, "import").code == OK
    has_ended(operator, "import")
    assert do(operator, "import").code == OK
    ledger.parties = 2
    undone = operator.type("--undo", "--yes", "--format", "json")
    assert (undone.code, json.loads(undone.out)["lost"]) == (OK, {"party.party": 2})
    assert operator.evidence() == [
        f"{DAY}-cutover-alston-ledger-{state}" for state in ("imported", "standing", "undone")
    ]
    smartstream.write(operator.extract, journals=4, lines=3)
    assert do(operator, "import").code == OK
    assert ledger.done == ["import", "undo", "import"]


@pytest.mark.parametrize("deed", ["import", "undo"])
def test_nobody_confirms(operator: Operator, deed: str) -> None:
    """Nothing is done, and what is advised does it."""
    prepare(operator, deed)
    words = ["--undo"] if deed == "undo" else ["--extract", str(operator.extract)]
    typed = operator.type(*words, "--evidence", str(operator.root / "elsewhere"))
    assert (typed.code, typed.state) == (BLOCKED, "Nothing was changed.")
    assert operator.ledger.done == []

    advised = operator.obey(shlex.split(typed.hint, comments=True)[1:])
    assert advised.code == OK, advised.err
    has_ended(operator, deed)
    assert (operator.root / "elsewhere").exists(), "what is advised does no more than what was asked for"


@pytest.mark.parametrize("deed", ["import", "undo"])
@pytest.mark.parametrize(("answer", "code"), [("yes", OK), ("y", BLOCKED)])
def test_somebody_is_asked(
    operator: Operator, answers: Callable[[str], list[str]], deed: str, answer: str, code: int
) -> None:
    """Once, and only 'yes' does."""
    prepare(operator, deed)
    asked = answers(answer)
    words = ["--undo"] if deed == "undo" else ["--extract", str(operator.extract)]
    assert operator.type(*words).code == code
    assert asked == ["Go on? Only 'yes' does: "]
    assert operator.ledger.done == ([deed] if code == OK else [])
    assert operator.engine.machine.made == {}


def test_what_must_not_be_done_is_refused(operator: Operator, ledger: Ledger) -> None:
    """Another extract over one that stands, and an undoing that would lose postings; what leads on does."""
    assert do(operator, "import").code == OK
    smartstream.write(operator.extract, journals=4, lines=3)
    other = do(operator, "import")
    assert (other.code, other.state) == (REFUSED, "Nothing was changed.")
    assert f"another extract was imported on {AT}" in other.err
    ledger.postings = 1
    posted = operator.obey([*shlex.split(other.hint)[1:], "--yes"])
    assert (posted.code, ledger.done) == (REFUSED, ["import"])
    assert "1 postings were made since" in posted.err
    ledger.postings = 0
    assert operator.obey([*shlex.split(other.hint)[1:], "--yes"]).code == OK
    assert do(operator, "import").code == OK
    assert operator.engine.machine.made == {}


def take(operator: Operator, advice: str) -> Typed | None:
    """Do what is advised, and return what came of it where that is a cut-over."""
    words = shlex.split(advice, comments=True)
    if words[:2] == ["moothall", "cutover"]:
        return operator.obey([*words[1:], "--yes"])
    if words[0] == "docker" and words[-2] == "wait":
        assert words[1:3] == ["--host", HOST], "where the job is"
        operator.ledger.hangs = False
        operator.engine.stop(words[-1], 0)
    else:
        assert words in (["moothall", "doctor"], ["docker", "--host", HOST, "version"]), advice
        operator.engine.machine.revive()
    return None


@pytest.mark.parametrize("deed", DEEDS)
def test_the_engine_falls_silent_at_any_call(operator: Operator, deed: str) -> None:
    """It is told what may be so now and what leads on; given again it is done, once, and what came of it is written."""
    number = 0
    while True:
        operator.ledger.clear()
        operator.engine.machine.made.clear()
        prepare(operator, deed)
        operator.engine.machine.fall(number, silent, calls=True)
        typed = do(operator, deed)
        if typed.code == OK:
            break
        assert (typed.code, "does not answer" in typed.err) == (FAILED, True), number
        assert typed.state == "What it was told to do may be done." or not operator.engine.machine.done, typed.err
        assert typed.state, number
        take(operator, typed.hint)
        operator.engine.machine.revive()
        again = do(operator, deed)
        assert again.code == OK or (deed == "undo" and "no import stands" in again.err), again.err
        has_ended(operator, deed)
        number += 1
    assert number == operator.engine.machine.calls > 5


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("step", STEPS)
def test_the_engine_refuses_a_step(operator: Operator, deed: str, step: str) -> None:
    """What is advised is a command that does it, or says that it was done."""
    prepare(operator, deed)
    operator.engine.machine.fails[step] = 1
    typed = do(operator, deed)
    assert (typed.code, typed.state) == (FAILED, "What it was told to do may be done.")
    assert "it is busy" in typed.err
    advised = take(operator, typed.hint)
    assert advised
    if deed == "undo" and STEPS.index(step) > STEPS.index("start"):
        assert (advised.code, "no import stands" in advised.err) == (REFUSED, True)
    else:
        assert advised.code == OK, (typed.hint, advised.err)
    has_ended(operator, deed)


@pytest.mark.parametrize("deed", DEEDS)
def test_somebody_elses_job_is_at_work(operator: Operator, deed: str) -> None:
    """Whatever is asked for is refused, with which job that is and since when; it is waited for as advised."""
    prepare(operator, deed)
    evidence = operator.evidence()
    operator.ledger.hangs = True
    operator.engine.machine.fall(STEPS.index("wait"), killed)  # whoever sent the first is gone; the job goes on
    with pytest.raises(Killed):
        do(operator, "import")
    operator.engine.machine.revive()
    operator.engine.machine.done.clear()

    typed = do(operator, deed)
    assert (typed.code, typed.state) == (BLOCKED, "Nothing was touched.")
    assert f"{JOB} is at work since 2026-11-29T12:00:00" in typed.err
    assert (operator.engine.machine.done, operator.evidence()) == ([], evidence)

    take(operator, typed.hint)
    assert do(operator, deed).code == OK
    has_ended(operator, deed)


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("number", range(len(STEPS)))
def test_killed_before_any_step(operator: Operator, deed: str, number: int) -> None:
    """Given again it ends as if nothing had happened; an undoing that was done says that nothing is to be undone."""
    prepare(operator, deed)
    operator.engine.machine.fall(number, killed)
    with pytest.raises(Killed):
        do(operator, deed)
    assert operator.engine.steps == STEPS[:number]
    operator.engine.machine.revive()

    typed = do(operator, deed)
    is_done = number > STEPS.index("start")
    if deed == "undo" and is_done:
        assert (typed.code, typed.state) == (REFUSED, "Nothing was changed.")
        assert "no import stands that could be undone" in typed.err
    else:
        state = {"rehearse": "rehearsed", "import": "standing" if is_done else "imported", "undo": "undone"}[deed]
        assert (typed.code, f"{DAY}-cutover-alston-ledger-{state}" in operator.evidence()) == (OK, True), typed.err
    has_ended(operator, deed)


def test_killed_between_the_question_and_the_undoing(operator: Operator, answers: Callable[[str], list[str]]) -> None:
    """An undoing that asks first has two jobs; killed in the one that only looks, all is still to do."""
    asked = answers("yes")
    for number in range(len(STEPS) + 1):
        operator.ledger.clear()
        prepare(operator, "undo")
        operator.engine.machine.fall(number, killed)
        with pytest.raises(Killed):
            operator.type("--undo")
        operator.engine.machine.revive()
        assert operator.type("--undo").code == OK
        has_ended(operator, "undo")
    assert len(asked) == len(STEPS) + 2


def test_a_report_that_cannot_be_written(operator: Operator) -> None:
    """The ledger is imported, which is said; where there is room, the same command writes down that it stands."""
    (operator.root / "evidence").write_text("somebody's file")
    typed = do(operator, "import")
    assert (typed.code, typed.state) == (FAILED, "What the report is about was done nevertheless.")
    (operator.root / "evidence").unlink()
    assert do(operator, "import").code == OK
    assert operator.evidence() == [f"{DAY}-cutover-alston-ledger-standing"]
    has_ended(operator, "import")
