"""The proof of an export where the engine, or a server, falls silent: it could not run, which is no bad news."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.fakes.engine import Engine
from tests.fakes.falls import silent
from tests.operations.offboarding.desk import Desk

from moothall.failures import FAILED as EXIT_FAILED
from moothall.failures import OperationError
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.operations.offboarding import manifest, proof, standalone
from moothall.operations.offboarding.proof import is_proved
from moothall.report.results.view import answer


def test_the_engine_falls_silent_at_any_call_of_an_export(desk: Desk) -> None:
    """No export is called proved that is not, and none is called bad; an earlier one stays whole until the next is."""
    desk.machine.calls = 0
    desk.export()
    total, proofs = desk.machine.calls, 0
    for number in range(total):
        desk.machine.fall(number, silent, calls=True)
        try:
            results = desk.export()
        except OperationError as failed:
            assert failed.hint == "do the same again"
            assert failed.state == "Nothing stands in its place: an export appears when it is whole."
            assert not proofs, "once the export is whole, silence is a result of its proof"
        else:
            proofs += 1
            assert {each.status for each in results} == {PASSED, COULD_NOT_RUN}, number
            assert all(each.detail for each in results if each.status == COULD_NOT_RUN)
            assert results[-1].status == COULD_NOT_RUN
            assert answer(results).exit_code == EXIT_FAILED
            assert not is_proved(desk.target), number
            assert "could-not-run" in (desk.target / "proof.md").read_text()
        desk.machine.revive()
        assert manifest.find_deviations(desk.target, manifest.read(desk.target)) == [], number
    assert proofs > 10
    assert all(each.status == PASSED for each in desk.export())
    assert is_proved(desk.target)


def test_what_was_seen_before_the_silence_stays_seen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that differs is told, also where the server for the proof cannot be removed afterwards."""
    monkeypatch.setattr(proof, "differences", lambda expected, actual: ["party_party has 1 rows and not 2"])

    def remove(engine: Engine, container: str) -> None:
        raise silent()

    monkeypatch.setattr(Engine, "remove", remove)
    results = {each.id: each for each in desk.export()}
    assert results["restore.carlin.ledger"].status == PASSED
    assert results["tables.carlin.ledger"].status == FAILED
    assert results["attachments.carlin.ledger"].status == PASSED
    assert results["cleared.carlin.ledger"].status == COULD_NOT_RUN
    assert "cannot be removed" in results["cleared.carlin.ledger"].detail


@pytest.mark.parametrize(
    ("code", "server_ends", "status"),
    [(1, False, FAILED), (1, True, COULD_NOT_RUN), (137, False, COULD_NOT_RUN), (126, False, COULD_NOT_RUN)],
)
def test_how_a_restore_ends(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, code: int, server_ends: bool, status: str
) -> None:
    """Only pg_restore's own error on a server that answers is bad news about the dump; a kill or a crash is none."""
    genuine = Engine.run

    def run(engine: Engine, container: str, command: Sequence[str]) -> tuple[int, str]:
        if "pg_restore" not in command:
            return genuine(engine, container, command)
        if server_ends:
            engine.machine.made[container].data.cluster = None
        return code, "pg_restore: error: it ended"

    monkeypatch.setattr(Engine, "run", run)
    last = desk.export()[-1]
    assert (last.id, last.status) == ("restore.carlin.ledger", status)
    assert last.detail
    assert not is_proved(desk.target)


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ([PASSED, "skipped"], PASSED),
        ([PASSED, COULD_NOT_RUN], COULD_NOT_RUN),
        ([COULD_NOT_RUN, FAILED], FAILED),
    ],
)
def test_what_a_rehearsal_comes_to(statuses: list[str], outcome: str) -> None:
    """It ran alone only if all of it was seen to."""
    results = [CheckResult(str(number), "", status, "") for number, status in enumerate(statuses)]
    assert standalone._outcome(results) == outcome
