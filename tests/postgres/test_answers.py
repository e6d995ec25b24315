"""An engine under load loses what a command printed, all or its end: it is asked again, and never believed."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.postgres_fake import whole

from moothall.failures import Inconclusive
from moothall.model.roles import SUPERUSER
from moothall.postgres import databases
from moothall.postgres.changes import _table
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import END, TRUTH, NotYetReady, Session


class Losing:
    """An engine that loses all, or the end, of the first answers."""

    def __init__(self, answer: str, lost: Sequence[str]) -> None:
        self.answer = answer
        self.lost = [*lost]

    def run(self, container: str, words: Sequence[str]) -> tuple[int, str]:
        """Answer psql."""
        return 0, self.lost.pop(0) if self.lost else whole(words, self.answer)


def session(answer: str, *lost: str) -> Session:
    """Return a session on such an engine."""
    return Session(cast("Any", Losing(answer, lost)), "server", SUPERUSER, "erp")


@pytest.mark.parametrize("lost", [[], [""], ["a|1"], ["", "a|1\nb"]])
def test_rows_are_asked_for_until_they_are_whole(lost: list[str]) -> None:
    """Twice more at most."""
    assert session("a|1\nb|2", *lost).rows("SELECT") == [["a", "1"], ["b", "2"]]


def test_no_row_is_an_answer() -> None:
    """It has its last line too."""
    assert session("").rows("SELECT") == []


def test_a_document_is_asked_for_again() -> None:
    """Of a tenant's database."""
    assert session('{"a": 1}', "", '{"a"').document("SELECT", {"a": (int,)}) == {"a": 1}


def test_nothing_is_made_of_an_answer_that_is_always_lost() -> None:
    """It is said that the engine loses it."""
    with pytest.raises(Inconclusive, match="loses what psql prints"):
        session("a", "", "", "").rows("SELECT")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("FATAL:  the database system is starting up", NotYetReady),
        (
            "FATAL:  the database system is not yet accepting connections\n"
            "DETAIL:  Consistent recovery state has not been yet reached.",
            NotYetReady,
        ),
        ("No such file or directory\n\tIs the server running locally and accepting connections?", Inconclusive),
        ('FATAL:  database "erp" does not exist', Inconclusive),
    ],
)
def test_a_server_that_lets_nobody_in_yet_is_told_from_one_that_is_not_there(said: str, kind: type[Exception]) -> None:
    """Its last line is told, without the mark of the end."""
    output = f"psql: error: connection to server on socket failed: {said}\n\n{END}"
    engine: Any = SimpleNamespace(run=lambda container, words: (2, output))
    with pytest.raises(Inconclusive, match="psql in server ended with 2") as failed:
        Session(engine, "server", SUPERUSER, "erp").rows("SELECT")
    assert type(failed.value) is kind
    assert said.splitlines()[-1].strip() in str(failed.value)


@pytest.mark.parametrize("answer", ["", "nonsense", "t|t", "T", "t\n\nx"])
def test_a_row_is_as_it_was_asked_for(answer: str) -> None:
    """Nonsense is nobody's answer, and no internal error."""
    with pytest.raises(Inconclusive, match="psql in server did not answer as expected"):
        session(answer).row("SELECT pg_is_in_recovery()", TRUTH)
    assert session("t").row("SELECT pg_is_in_recovery()", TRUTH) == ["t"]


@pytest.mark.parametrize("answer", ["a|b", "a\nb|c", "|"])
def test_names_are_one_a_row(answer: str) -> None:
    """A mark on a role, and databases: more than that is nobody's answer, and no internal error."""
    for ask in (databases.mark_of_role, databases.former_names, databases.names_of, databases.drop_all_but):
        with pytest.raises(Inconclusive, match="psql in server did not answer as expected"):
            ask(session(answer), "erp")
    assert databases.names_of(session("erp\nerp.copy"), "erp") == ("erp", "erp.copy")


@pytest.mark.parametrize("said", ["15.18[x](https://evil.test)", "15.18`id`", "15.18;id", "x15.18"])
def test_a_version_is_a_number(said: str) -> None:
    """It stands in the page of an export; what a distribution says behind it does not."""
    with pytest.raises(Inconclusive, match="psql in server did not answer as expected"):
        DatabaseServer(cast("Any", Losing(said, [])), "server").version()
    debian = DatabaseServer(cast("Any", Losing("15.18 (Debian 15.18-0+deb12u1)", [])), "server")
    assert debian.version() == "15.18"


@pytest.mark.parametrize("tables", ["{}", '["a"]', '[["a", 1, 2]]', '[["a", true, 2, ""]]', '[[1, 1, 2, ""]]'])
def test_a_table_of_a_tenant_is_one(tables: str) -> None:
    """Names and numbers in their places, whatever answers."""
    with pytest.raises(Inconclusive, match="answers as none of Tryton does"):
        for item in session(f'{{"tables": {tables}}}').document("SELECT", {"tables": (list,)})["tables"]:
            _table(item)
