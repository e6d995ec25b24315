"""`drill failover INSTANCE --live` in memory: over and back, and what silence, somebody else or a kill leaves of it."""

from __future__ import annotations

import shlex
from contextlib import AbstractContextManager

import pytest
from tests.fakes.dales import NEW, OLD, PRIMARY, STANDBY, cluster
from tests.fakes.falls import Killed, killed, silent
from tests.operations.drill.conftest import Drilled, Operator
from tests.operations.restore.moments import Moment

from moothall.deploy.deployment import PROJECT
from moothall.failures import CHANGES, OK
from moothall.operations.context import Context
from moothall.operations.drill import live_failover
from moothall.operations.secrets import state_passphrase
from moothall.operations.switchover.switchover_context import SwitchOptions
from moothall.pulumi_engine import Backend
from moothall.pulumi_engine.state import lock
from moothall.report.switch.view import SwitchView

RECORD = "record the switch"
OVER = [f"fence {PRIMARY}", f"promote {STANDBY}", RECORD, f"follow in {PRIMARY}"]
BACK = [f"fence {STANDBY}", f"promote {PRIMARY}", RECORD, f"follow in {STANDBY}"]
STACKS = ["dales.ledger.hill", "dales.ledger.vale"]
VERBS = [["moothall", verb] for verb in ("doctor", "failover", "failback")]
NOBODY_WROTE = cluster(OLD, NEW).content
LATER = ("later", "2008-06-01T09:00:00")


def is_at_home(operator: Operator) -> None:
    """Hold that the instance is served by its own site, mirrored, and that nothing says otherwise."""
    assert operator.serves() == ("primary", "standby")
    assert not operator.active.exists() or "ledger" not in operator.active.read_text()
    assert [operator.machine.cluster(name).content for name in (PRIMARY, STANDBY)] == [NOBODY_WROTE] * 2


def passed(drilled: Drilled) -> None:
    """Hold that it was measured, on the way there, and that all results are good."""
    assert (drilled.code, drilled.evidence["outcome"]) == (OK, "passed"), drilled.told
    assert set(drilled.statuses.values()) == {"passed"}
    assert drilled.evidence["measured"]["recoveryTimeSeconds"] is not None
    assert drilled.evidence["measured"]["recoveryPointSeconds"] == 0.0


def test_it_goes_over_and_back(operator: Operator) -> None:
    """Each way has its results, and the instance is at home in the end."""
    drilled = operator.drill()
    passed(drilled)
    assert operator.machine.done == [*OVER, *BACK]
    assert {name.partition(".")[0] for name in drilled.statuses} == {"there", "back"}
    assert {name.partition(".")[2] for name in drilled.statuses if name.startswith("there.")} == {
        *("fence.ledger", "promote.ledger", "follow.ledger", "login.alston", "login.carlin")
    }
    is_at_home(operator)


def follow(operator: Operator, hints: list[str]) -> None:
    """Do what is advised: an engine is started, or a switch is made."""
    advice = hints[0]
    operator.machine.revive()
    words = shlex.split(advice, comments=True)
    assert words[-2:] == ["restart", PRIMARY] or words[:2] in VERBS, advice
    if words[1] in ("failover", "failback"):
        assert operator.obey([*words[1:], *([] if "--yes" in words else ["--yes"])]) == OK


def settle(operator: Operator) -> None:
    """Have it drilled to a good end, by what each answer advises."""
    for _ in range(3):
        drilled = operator.drill()
        if drilled.code == OK:
            return passed(drilled)
        assert drilled.evidence["outcome"] == "could-not-run"
        follow(operator, drilled.hints)
    raise AssertionError("what is advised leads in a circle")


def test_the_engine_falls_silent_at_any_call(operator: Operator) -> None:
    """It could not run, with what is so now and what leads on; what was measured before stays measured."""
    start, measured, tried = Moment(operator.machine, operator.root / ".moothall"), 0, set[int]()
    number = 0
    while True:
        start.resume()
        operator.active.unlink(missing_ok=True)
        operator.machine.fall(number, silent, calls=True)
        drilled = operator.drill()
        if drilled.code == OK:
            break
        assert (drilled.code, drilled.evidence["outcome"]) == (CHANGES, "could-not-run"), number
        assert "does not answer" in drilled.told, (number, drilled.told)
        assert drilled.hints, number
        done = len(operator.machine.done)
        if done >= len(OVER):
            measured += 1
            assert drilled.evidence["measured"]["recoveryTimeSeconds"] is not None, number
            assert drilled.statuses["there.promote.ledger"] == "passed"
        if done not in tried:  # what is left is the same at each call between two steps
            tried.add(done)
            follow(operator, drilled.hints)
            settle(operator)
            is_at_home(operator)
        number += 1
    assert number == operator.machine.calls > 50
    assert measured > 20
    assert len(tried) > len(OVER) + len(BACK) - 2


def hold(operator: Operator, stack: str) -> AbstractContextManager[None]:
    """Work on a stack, as somebody else."""
    return lock.hold_all(Backend(operator.root / ".moothall", state_passphrase), PROJECT, [stack])


@pytest.mark.parametrize("stack", STACKS)
def test_somebody_else_is_at_work(operator: Operator, stack: str) -> None:
    """It could not run; its evidence says who that is and what leads on; nothing was touched, and then it is done."""
    with hold(operator, stack):
        drilled = operator.drill()
    assert (drilled.code, drilled.evidence["outcome"]) == (CHANGES, "could-not-run")
    assert f"Stack {stack} is locked by process" in drilled.told
    assert "Nothing was touched." in drilled.told
    assert drilled.hints == [f"moothall unlock {stack}  # only when you know that it is gone"]
    assert operator.machine.done == []
    passed(operator.drill())


def test_somebody_begins_before_the_way_back(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured on the way there is kept; who is at work is told, and what brings the instance home does."""
    genuine = live_failover.failback

    def failback(context: Context, options: SwitchOptions) -> SwitchView:
        with hold(operator, STACKS[1]):
            return genuine(context, options)

    with monkeypatch.context() as patch:
        patch.setattr(live_failover, "failback", failback)
        drilled = operator.drill()
    assert (drilled.code, drilled.evidence["outcome"]) == (CHANGES, "could-not-run")
    assert drilled.statuses.pop("back.ledger") == "could-not-run"
    assert f"Stack {STACKS[1]} is locked by process" in drilled.told
    assert drilled.evidence["measured"]["recoveryPointSeconds"] == 0.0
    assert operator.machine.done == OVER
    settle(operator)
    is_at_home(operator)


def test_killed_before_any_step(operator: Operator) -> None:
    """Given again it passes, or says what brings the instance home, and then it does; nobody's changes are lost."""
    start = Moment(operator.machine, operator.root / ".moothall")
    for number in range(len(OVER) + len(BACK)):
        start.resume()
        operator.active.unlink(missing_ok=True)
        operator.machine.fall(number, killed)
        with pytest.raises(Killed):
            operator.drill()
        assert operator.machine.done == [*OVER, *BACK][:number]
        operator.machine.revive()
        settle(operator)
        is_at_home(operator)


@pytest.mark.parametrize("number", range(len(OVER) + len(BACK)))
def test_what_is_written_after_a_kill(operator: Operator, number: int) -> None:
    """Whoever serves when the drill was killed takes writes, and a drill that is given again loses none of them."""
    operator.machine.fall(number, killed)
    with pytest.raises(Killed):
        operator.drill()
    operator.machine.revive()
    roles = dict(zip((PRIMARY, STANDBY), operator.serves(), strict=True))
    serving = [operator.machine.cluster(name) for name, role in roles.items() if role == "primary"]
    following = [operator.machine.cluster(name) for name, role in roles.items() if role == "standby"]
    for each in (*serving, *(following if serving else ())):
        each.database("alston").tables["party_party"].append(LATER)
    settle(operator)
    for name in (PRIMARY, STANDBY):
        written = operator.machine.cluster(name).database("alston").tables["party_party"]
        assert written.count(LATER) == len(serving), name


def test_a_mirror_that_does_not_follow(operator: Operator) -> None:
    """A drill would lose what it has not: it could not run, whatever was confirmed, and what is advised mends that."""
    operator.machine.made[STANDBY].data.files["fenced"] = b"by hand"
    drilled = operator.drill()
    assert (drilled.code, drilled.evidence["outcome"], operator.machine.done) == (CHANGES, "could-not-run", [])
    assert "a drill would lose changes" in drilled.told
    follow(operator, drilled.hints)
    passed(operator.drill())


def test_an_instance_that_is_failed_over(operator: Operator) -> None:
    """There is no failover in that, and none is told of; what is advised brings it home first."""
    assert operator.obey(["failover", "ledger", "--yes"]) == OK
    operator.machine.done.clear()
    drilled = operator.drill()
    assert (drilled.code, drilled.evidence["outcome"], operator.machine.done) == (CHANGES, "could-not-run", [])
    assert "ledger is failed over to vale since" in drilled.told
    assert drilled.hints == ["moothall failback ledger"]
    follow(operator, drilled.hints)
    passed(operator.drill())
