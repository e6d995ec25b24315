"""What is asked for, and what that leaves out."""

from __future__ import annotations

import pytest
from tests.verify.plans import plan

from moothall.failures import OperationError
from moothall.keys.vault import DerivingVault
from moothall.model.engines import Endpoint, Engines
from moothall.model.outcome import COULD_NOT_RUN, SKIPPED
from moothall.verify import Selection, clear_probes, verify, wait_ready
from moothall.verify.checks import CHECKS

NOWHERE = Engines(Endpoint("unix:///nowhere/docker.sock"))


def looked_at(selection: Selection) -> set[str]:
    """Return the ids that are looked at on an engine that is not there."""
    small = plan()
    vault = DerivingVault({0: b"m" * 32}, "p", agreed=small.agreed, as_of=small.as_of)
    results = verify(small, vault, NOWHERE, selection=selection)
    assert {result.status for result in results} <= {COULD_NOT_RUN, SKIPPED}
    return {result.id for result in results if result.status == COULD_NOT_RUN}


def test_ids_are_unique() -> None:
    """An id names one thing."""
    ids = [task.id for check in CHECKS for task in check.tasks(plan())]
    assert len(ids) == len(set(ids)) == 14


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (
            Selection(council="durham"),
            {
                "login.durham.erp",
                "modules.durham.erp",
                "isolation.durham",
                "waiting.durham.erp",
                "hardening.p.durham.morpeth",
            },
        ),
        (Selection(site="durham-dc"), {"mirror.erp", "backup.erp"}),
        (Selection(council="durham", site="durham-dc"), set()),
    ],
)
def test_a_selection_leaves_the_others_out(selection: Selection, ids: set[str]) -> None:
    """Only what belongs to the council, or stands at the site."""
    assert looked_at(selection) == ids


def test_without_an_engine_nothing_passes_and_nothing_fails() -> None:
    """Every result says that it could not be had, and why; what is planned stays skipped."""
    small = plan()
    vault = DerivingVault({0: b"m" * 32}, "p", agreed=small.agreed, as_of=small.as_of)
    results = verify(small, vault, NOWHERE)
    assert len(results) == 14
    assert {result.status for result in results if not result.id.endswith("northumberland.crm")} == {COULD_NOT_RUN}
    assert all(NOWHERE.local.host in result.detail for result in results if result.status == COULD_NOT_RUN)


def test_waiting_without_an_engine_ends_at_once() -> None:
    """Each tenant's login could not be looked at; nobody waits for a deadline."""
    small = plan()
    vault = DerivingVault({0: b"m" * 32}, "p", agreed=small.agreed, as_of=small.as_of)
    results = wait_ready(small, vault, NOWHERE, small.tenants, 600.0)
    assert [(result.id, result.status) for result in results] == [
        ("login.durham.erp", COULD_NOT_RUN),
        ("login.derwentside.erp", COULD_NOT_RUN),
    ]
    assert wait_ready(small, vault, NOWHERE, []) == ()


def test_clearing_without_an_engine_is_a_failure() -> None:
    """With the engine's address, and doctor as the mend."""
    with pytest.raises(OperationError, match=NOWHERE.local.host) as refused:
        clear_probes(NOWHERE.local, "p")
    assert refused.value.hint == "moothall doctor"
