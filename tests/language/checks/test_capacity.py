"""The rule capacity-exceeded counts as somebody would who goes through the calendar day by day."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.diagnostics import ERROR
from moothall.validation.validate import validate

FIRST = date(2008, 1, 1)
LONGEST = 12
"""Days of the calendar in which everything happens."""

PARTNERSHIP = """apiVersion: moothall/v1
kind: Partnership
metadata: {{name: dales, uid: 5f0f0a52-44a2-4a5e-9d0c-5a0f5f0f0a01, title: The Dales}}
spec:
  agreed: 2006-10-10
  domain: dales.test
  parties: [council-0]
  sites:
    hill: {{owner: council-0, network: 10.1.0.0/16, local: 10.1.0.0/24}}
  instances:
    ledger:
      host: council-0
      site: hill
      product: tryton
      network: 10.1.1.0/24
      offers: [finance]
      capacity: {capacity}
"""

COUNCIL = """apiVersion: moothall/v1
kind: Council
metadata: {{name: council-{number}, uid: 5f0f0a52-44a2-4a5e-9d0c-5a0f5f0f1a0{number}, title: Council {number}}}
spec:
  joined: 2006-10-10
  site: hill
  network: 10.1.{space}.0/24
  uses:
    ledger: {{from: {begins}, {until}modules: {{finance: {{}}}}}}
"""

Stay = tuple[int, int | None]
"""The number of the first day, and for how many days, if there is an end."""

STAYS = st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(1, 5)), min_size=1, max_size=6)


def write(root: Path, capacity: int, stays: list[Stay]) -> None:
    """Write a partnership with one instance and a council for each stay."""
    councils = root / "partnerships" / "dales" / "councils"
    councils.mkdir(parents=True)
    (councils.parent / "partnership.yaml").write_text(PARTNERSHIP.format(capacity=capacity), encoding="utf-8")
    for number, (begins, length) in enumerate(stays):
        first = FIRST + timedelta(begins)
        until = "" if length is None else f"until: {first + timedelta(length)}, "
        text = COUNCIL.format(number=number, space=number + 8, begins=first, until=until)
        (councils / f"council-{number}.yaml").write_text(text, encoding="utf-8")


def most(stays: list[Stay], from_day: int) -> int:
    """Return the highest number of stays on one day, day by day, not before `from_day`."""
    days = range(from_day, LONGEST + from_day + 10)
    return max(sum(b <= day and (n is None or day < b + n) for b, n in stays) for day in days)


@given(stays=STAYS, capacity=st.integers(1, 4), today=st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_an_instance_is_full_just_when_some_day_still_to_come_has_too_many(
    stays: list[Stay], capacity: int, today: int
) -> None:
    """There is an error when, and only when, some day from today on has more tenants than there is room for."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), capacity, stays)

        loaded = validate(Path(folder), FIRST + timedelta(today))

    found = [finding for finding in loaded.diagnostics if finding.rule == "capacity-exceeded"]
    assert bool(found) == (most(stays, today) > capacity)
    assert all(finding.severity == ERROR for finding in found)
