"""Errands that stand ready until they may begin."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from moothall.failures import Inconclusive
from moothall.model.outcome import CheckResult
from moothall.operations.switchover.steps import Logins
from moothall.verify.gate import Gate


@pytest.mark.parametrize("open", [True, False])
def test_all_wait_and_go_together(open: bool) -> None:
    """Nobody passes before the gate is opened or shut; what is decided first stays so."""
    gate = Gate(3)

    def stand() -> bool:
        gate.arrive()
        return gate.passes()

    with ThreadPoolExecutor(3) as pool:
        standing = [pool.submit(stand) for _ in range(3)]
        gate.wait_for_all(30)
        assert not any(each.done() for each in standing)
        (gate.open if open else gate.shut)()
        (gate.shut if open else gate.open)()
        assert [each.result(30) for each in standing] == [open] * 3


def test_who_never_comes_is_not_waited_for() -> None:
    """At most for a time; and one that says that it will not come counts."""
    gate = Gate(1)
    began = time.monotonic()
    gate.wait_for_all(0.05)
    assert time.monotonic() - began >= 0.05
    gate.arrive()
    gate.wait_for_all(30)


def test_who_is_done_waits_for_the_others_within() -> None:
    """What follows would disturb them; when all are done, or have failed, everybody leaves."""
    gate, both, answered = Gate(2), threading.Barrier(2), threading.Event()

    def work(failing: bool) -> None:
        with gate.joint_section():
            both.wait(30)
            if failing:
                answered.wait(30)
                raise Inconclusive("it ended badly")

    with ThreadPoolExecutor(2) as pool:
        done, fails = pool.submit(work, False), pool.submit(work, True)
        with pytest.raises(TimeoutError):
            done.result(0.05)
        answered.set()
        done.result(30)
        with pytest.raises(Inconclusive):
            fails.result(30)


def test_given_up_before_the_word() -> None:
    """Logins that stand ready and are given up end at once: no thread is left that waits for the word."""
    ended: list[bool] = []

    def ask(gate: Gate | None) -> tuple[CheckResult, ...]:
        assert gate
        gate.arrive()
        ended.append(gate.passes())
        return ()

    logins = Logins(ask, 1, ())
    logins.prepare()
    logins.give_up()
    logins.begin()

    assert logins.results() == ()
    assert ended == [False]
