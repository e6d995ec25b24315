"""Days at the edges of the calendar, in the reckoning itself and through everything that reckons with them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall import paths
from moothall.failures import USAGE
from moothall.model.days import day_after, day_before
from moothall.operations.offboarding.removal import retention_end
from moothall.resolve.calendar import calendar
from moothall.validation.validate import validate

BASE = paths.PROJECT / "tests" / "cases" / "valid" / "two-councils"
LAST = date(9999, 12, 31)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 10**9))
def test_it_is_the_reckoning_of_the_library(day: date, seconds: int) -> None:
    """Where the calendar has the day, later and earlier are what a difference of times gives."""
    assert day_after(day, seconds) == day + timedelta(seconds=seconds)
    assert day_before(day, seconds) == day - timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [86_400, 10**8, 10**15, 10**30])
def test_beyond_the_calendar_is_its_edge(seconds: int) -> None:
    """However far beyond."""
    assert day_after(LAST, seconds) == LAST
    assert day_before(date.min, seconds) == date.min
    assert day_after(date(2027, 1, 1), seconds) > date(2027, 1, 1)


@pytest.mark.parametrize(
    ("lines", "rules"),
    [
        ("leaves: 9999-12-31\n  notice-given: 2010-01-01", set()),
        ("leaves: 9999-12-31\n  notice-given: 9999-06-01", {"leaving-without-notice"}),
        ("leaves: 9999-12-31", {"leaving-without-notice"}),
        ("leaves: 0001-01-02", {"leaving-without-notice", "dates-out-of-order"}),
    ],
)
def test_a_council_may_leave_at_the_edge(lines: str, rules: set[str], tmp_path: Path) -> None:
    """Every rule, the calendar on its last days, and the end of the time for which data is kept give an answer."""
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    partnership = tmp_path / "partnerships/dales/partnership.yaml"
    partnership.write_text(
        partnership.read_text().replace("  domain:", "  exit: {notice: 3660d, keep: 36600d}\n  domain:")
    )
    council = tmp_path / "partnerships/dales/councils/barton.yaml"
    council.write_text(council.read_text().replace("  site: vale", f"  {lines}\n  site: vale"))

    found = validate(tmp_path, date(2008, 6, 1))

    assert {finding.rule for finding in found.diagnostics} == rules
    (folder,) = found.definitions.folders
    _, barton = sorted(folder.councils, key=lambda council: council.metadata.name)
    assert all(event.day < LAST for event in calendar(folder, LAST, 36_500))
    assert calendar(folder, date(2008, 6, 1), 10**9)
    assert retention_end(folder, barton) == (LAST if "9999" in lines.split("\n", maxsplit=1)[0] else date(101, 3, 19))


@pytest.mark.parametrize("moment", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-10:00", "0000-01-01T00:00"])
def test_a_moment_beyond_the_calendar_is_told(moment: str) -> None:
    """As a time that is none, like every other word."""
    command = [sys.executable, "-m", "moothall", "restore", "erp", "--at", moment]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == USAGE, done.stderr
    assert "is not a time" in done.stderr
