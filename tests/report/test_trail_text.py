"""Lines out of the store of logs, as people see them: whatever somebody said is text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from moothall.report.style import Style
from moothall.report.trail.text import render
from moothall.report.trail.view import TrailView

REQUEST = {
    "time": "2026-06-01T12:00:00Z",
    "site": "morpeth",
    "council": "durham",
    "instance": "erp",
    "from": "10.30.10.7",
    "user": "ann",
    "method": "POST",
    "path": "/durham/rpc/",
    "status": 401,
    "bytes": 7,
    "ms": 3,
}
SESSION = {
    "user": "provisioner",
    "dbname": "postgres",
    "remote_host": "10.20.1.9",
    "error_severity": "LOG",
    "message": "moothall: role durham: frozen t",
}
NASTY = [
    "\x1b[2J\x1b]0;owned\x07",
    "\r\n::error file=a::b",
    "\u202eabc\u2066",
    "##vso[task.complete]",
    "\n2026-06-01T12:00:00Z  store  forged",
]


def shown(*lines: str, **members: Any) -> str:
    """Return the text of a trail with these lines."""
    view: TrailView = {
        "schemaVersion": 1,
        "partnership": "dales",
        "council": "durham",
        "since": "2026-06-01T00:00:00Z",
        "lines": [
            {"number": n, "at": "2026-06-01T12:00:00Z", "sender": "pg-morpeth.erp", "line": line}
            for n, line in enumerate(lines, 1)
        ],
        "leftOut": 0,
        "problems": [],
        **members,  # type: ignore[typeddict-item]
    }
    return render(view, Style(colour=False))


def test_a_line_says_what_matters_in_it() -> None:
    """Of a request and of a session; the last line says how many there are, and of whom."""
    assert shown(json.dumps(REQUEST), json.dumps(SESSION), leftOut=3).splitlines() == [
        "3 older lines are left out",
        "2026-06-01T12:00:00Z  pg-morpeth.erp  10.30.10.7 ann POST /durham/rpc/ 401 7 3",
        "2026-06-01T12:00:00Z  pg-morpeth.erp  10.20.1.9 provisioner postgres LOG moothall: role durham: frozen t",
        "",
        "2 lines of durham since 2026-06-01T00:00:00Z",
    ]


@pytest.mark.parametrize("word", NASTY)
@pytest.mark.parametrize(
    "line",
    [
        lambda word: word,
        lambda word: json.dumps(REQUEST | {"path": word, "user": word}),
        lambda word: json.dumps(SESSION | {"message": word}),
        lambda word: json.dumps([word]),
        lambda word: json.dumps({"ms": {word: word}}),
    ],
)
def test_nothing_that_was_said_is_obeyed(word: str, line: Any) -> None:
    """Neither by a terminal nor by a pipeline, and none of it begins a line."""
    text = shown(line(word))
    assert len(text.splitlines()) == 3
    assert all(character.isprintable() or character == "\n" for character in text)
    assert not any(each.lstrip().startswith(("::", "##")) or "##vso[" in each for each in text.splitlines())


@pytest.mark.parametrize("line", ["", "[" * 100_000, "{", "null", "1", '{"ms": null}'])
def test_whatever_is_no_line_of_ours_is_shown_as_it_is(line: str) -> None:
    """A sender is believed about nothing."""
    assert shown(line).count("\n") == 3


def test_a_chain_that_is_broken_is_said_to_be() -> None:
    """After all that is in it."""
    assert shown(problems=["2026-06-01, line 3 does not follow"]).splitlines()[-1] == (
        "the logs are not what they were: 2026-06-01, line 3 does not follow"
    )
