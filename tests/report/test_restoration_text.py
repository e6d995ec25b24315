"""A comparison for people: who cannot be compared is said, and the others are as ever."""

from __future__ import annotations

from moothall.report.restoration.text import render
from moothall.report.style import Style

HELD = {"bytes": 9_000_000, "tables": 2, "rows": 7, "lastChange": "2026-11-28T12:00:00"}
VIEW = {
    "instance": "crm",
    "council": None,
    "copy": "dales.crm.vale.copy",
    "asked": "latest",
    "reached": None,
    "restoreSeconds": 1.0,
    "notes": [],
    "databases": [
        {
            "council": "alston",
            "live": None,
            "copy": None,
            "writtenSince": None,
            "differences": [],
            "notCompared": "psql said \x1b[2J",
        },
        {
            "council": "eden",
            "live": HELD,
            "copy": {**HELD, "rows": 5},
            "writtenSince": 2,
            "differences": [{"table": "a\x1b]0;b", "live": 7, "copy": 5, "writtenSince": 2}],
            "notCompared": None,
        },
    ],
}


def test_one_that_cannot_be_compared_stands_beside_the_others() -> None:
    """With the reason, in which nothing is obeyed by a terminal; nobody is told that there is no data."""
    assert render(VIEW, Style(False)).splitlines()[1:] == [
        "  alston",
        "    could not be compared, nor what a swap would lose: psql said \ufffd[2J",
        "  eden",
        "    running   7 rows in 2 tables, 9.0 MB, last change 2026-11-28T12:00:00",
        "    restored  5 rows in 2 tables, 9.0 MB, last change 2026-11-28T12:00:00",
        "    a\ufffd]0;b: 7 rows run, 5 restored",
        "    a swap would lose 2 rows written since",
        "moothall restore crm --swap puts it in place, --forget removes it",
    ]
