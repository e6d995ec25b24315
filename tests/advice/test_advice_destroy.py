"""Each failure of `destroy` is made, what it advises is done, and `destroy` gets further."""

from __future__ import annotations

import pytest
from tests.advice.taking import Operator
from tests.advice.test_advice_up import POSTGRES, cut, held, hung, moved, probe, silent
from tests.advice.walking import NO_FAILURE, Case, walk
from tests.fakes.containers import Volume
from tests.fakes.provided import Machine

from moothall.pulumi_engine.protocol.resource_types import CONTAINER, NETWORK
from moothall.pulumi_engine.provider.port import StepFailed

CHECK_NAME = "operations/definitions.py:check_name"
NEEDED = "operations/stacks/destroy.py:_refuse_needed"
COPY = "dales.ledger.vale.copy"
OWNED = {"moothall.restore": "dales"}


def nothing(at: Operator, machine: Machine) -> None:
    """All is well but for what is typed."""


def copy(at: Operator, machine: Machine) -> None:
    """The copy of a restore stands, and the engine does not remove it."""
    machine.volumes[COPY] = Volume(OWNED)
    machine.put_beside(COPY, OWNED, COPY)
    machine.stuck.add(COPY)


def used(at: Operator, machine: Machine) -> None:
    """Somebody has put a container of his own on the volume of a copy."""
    machine.volumes[COPY] = Volume(OWNED)
    machine.put_beside("looker", {}, COPY)


def guest(at: Operator, machine: Machine) -> None:
    """Somebody has put a container of his own on a network that goes."""
    machine.put(CONTAINER, "guest", uses=frozenset({(NETWORK, "dales.hill.local")}))


def taken_over(at: Operator, machine: Machine) -> None:
    """Somebody has made one of our volumes anew: it has the old name, which is its id."""
    machine.take("dales.ledger.hill.run")
    machine.put("docker:index/volume:Volume", "dales.ledger.hill.run", "somebody", id_="dales.ledger.hill.run")


def refused(at: Operator, machine: Machine) -> None:
    """The engine does not remove a container at first."""
    genuine = machine.engine.delete

    def delete(type_: str, id_: str, inputs: dict[str, object]) -> None:
        if inputs["name"] == POSTGRES:
            machine.engine.delete = genuine  # type: ignore[method-assign]
            raise StepFailed("removal is in progress")
        genuine(type_, id_, inputs)

    machine.engine.delete = delete  # type: ignore[method-assign, assignment]


CASES = {
    "the engine is silent": Case(silent, NO_FAILURE, ["docker"]),
    "the engine hangs": Case(hung, "verify/ready.py:clear_probes", ["doctor", "systemctl"]),
    "another engine": Case(moved, "operations/stacks/engine_bindings.py:_check_same_engines", ["up", "up"]),
    "a probe stays": Case(probe, "verify/ready.py:clear_probes", ["docker"]),
    "a lock of another machine": Case(held, "pulumi_engine/state/lock.py:_locked_by", ["unlock", "unlock"]),
    "a state that is cut": Case(cut, "pulumi_engine/state/checkpoint.py:parse", ["state", "state"]),
    "a guest on a network": Case(guest, "pulumi_engine/steps/session.py:check_users", ["docker"]),
    "a foreign volume": Case(taken_over, "pulumi_engine/steps/session.py:check_owner", ["docker"]),
    "a step is refused": Case(refused, NO_FAILURE, ["destroy"]),
    "an instance that is needed": Case(nothing, NEEDED, ["destroy"] * 4, ("--instance", "ledger")),
    "a site that is needed": Case(nothing, NEEDED, ["destroy"] * 6, ("--site", "hill")),
    "a council that is not there": Case(nothing, CHECK_NAME, ["--council"], ("--council", "carlyn")),
    "a copy stays": Case(copy, "operations/restore/copy.py:clear", ["docker"], ("--with-data", "--confirm", "dales")),
    "a copy is used": Case(used, "operations/restore/copy.py:clear", ["docker"], ("--with-data", "--confirm", "dales")),
}


@pytest.mark.parametrize("case", CASES)
def test_destroy(operator: Operator, machine: Machine, case: str) -> None:
    """Whatever it was that failed, what was to go is gone in the end."""
    walk(operator, machine, CASES[case], "destroy", "--yes")


@pytest.mark.parametrize("words", [(), ("--with-data",), ("--with-data", "--confirm", "dalse")])
def test_what_nobody_confirms(operator: Operator, machine: Machine, words: tuple[str, ...]) -> None:
    """The advice is the same command with what was missing: it takes down no more than was asked for."""
    case = Case(nothing, "operations/confirm.py:confirm", ["destroy"])
    walk(operator, machine, case, "destroy", "--council", "carlin", *words)
    left = {live.name.split(".")[1] for live in machine.engine.objects.values()}
    assert "carlin" not in left
    assert {"alston", "ledger"} <= left
