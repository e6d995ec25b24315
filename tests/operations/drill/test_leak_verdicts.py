"""What a leak's drill says of a door: only one that was let in before, and is not now, is proved shut."""

from __future__ import annotations

import pytest

from moothall.docker_engine.one_off import ContainerResult
from moothall.operations.drill.leak import judge
from moothall.operations.drill.leak_doors import Attempt, answers_visitor


@pytest.mark.parametrize(
    ("before", "after", "status", "detail"),
    [
        (True, False, "passed", "let in before, refused now"),
        (True, True, "failed", "it is let in still"),
        (False, True, "failed", "it is let in still"),
        (None, True, "failed", "it is let in still"),
        (False, False, "could-not-run", "it was refused before, too"),
        (True, None, "could-not-run", "nobody answered after the exchange"),
        (None, False, "could-not-run", "nobody answered before the exchange"),
    ],
)
def test_a_door(before: bool | None, after: bool | None, status: str, detail: str) -> None:
    """Nothing that could not be seen to open counts for a door that is shut."""
    [result] = judge([Attempt("x", "a key at a door", before)], [Attempt("x", "a key at a door", after)])
    assert (result.id, result.subject, result.status, result.detail) == ("x", "a key at a door", status, detail)


def test_a_door_that_was_not_tried_afterwards() -> None:
    """Nobody knows."""
    [result] = judge([Attempt("x", "a key at a door", True)], [])
    assert result.status == "could-not-run"


NO_PRIMARY = "ERROR: [056]: unable to find primary cluster - cannot proceed"


@pytest.mark.parametrize(
    ("code", "said", "let_in"),
    [
        (0, "erp", True),
        (105, "ERROR: [105]: raised from remote-0 tls protocol on 'repository': access denied", False),
        (101, "ERROR: [101]: TLS error [1:167773208] tlsv1 alert unknown ca", False),
        (56, f"WARN: unable to check pg1: [ServiceError] TLS error [1:1] tlsv1 alert unknown ca {NO_PRIMARY}", False),
        (56, f"WARN: unable to check pg1: [AccessError] raised from remote-0: access denied {NO_PRIMARY}", False),
        (56, f"WARN: unable to check pg1: [DbConnectError] raised from remote-0 tls protocol {NO_PRIMARY}", True),
        (56, NO_PRIMARY, True),
        (56, f"WARN: unable to check pg1: [HostConnectError] timeout connecting {NO_PRIMARY}", None),
        (49, "ERROR: [049]: unable to get address for 'repository'", None),
    ],
)
def test_what_pgbackrest_says_of_a_door(code: int, said: str, let_in: bool | None) -> None:
    """As version 2.45 said it: whoever is refused is told so, and who reaches nobody has proved nothing."""
    assert answers_visitor(ContainerResult(code, "", said)) is let_in
