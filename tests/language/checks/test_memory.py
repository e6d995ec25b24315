"""The rule memory-exceeded counts as somebody would who goes through the calendar day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.diagnostics import Diagnostic
from moothall.language.files import decode
from moothall.language.rules.site import memory_exceeded
from moothall.model.units import mebibytes, size
from moothall.model.written import Definitions, Folder
from moothall.source import Document, Place, Span

FIRST = date(2008, 1, 1)
LONGEST = 8
"""Days of the calendar in which everything begins and ends."""

NETWORK = {"network": "10.0.0.0/24"}
Said = dict[str, str]
"""Dates and memory as a file has them."""

DAYS = st.integers(0, LONGEST).map(lambda day: str(FIRST + timedelta(day)))
PERIOD = st.fixed_dictionaries({}, optional={"from": DAYS, "until": DAYS})
MEMORY = st.fixed_dictionaries({}, optional={"memory": st.sampled_from(["64MiB", "512MiB", "1GiB"])})
USES = st.lists(st.builds(lambda period, memory: period | memory, PERIOD, MEMORY), min_size=1, max_size=6)
ROOM = st.sampled_from(["64MiB", "256MiB", "1GiB"])


class Somewhere(dict[Any, Place]):
    """The places in a document that was never a file."""

    def __missing__(self, route: object) -> Place:
        """Return the same place for everything."""
        nowhere = Span("a.yaml", 1, 1, 1, 1)
        return Place(nowhere, nowhere)


def document(name: str, spec: object) -> Document:
    """Return a document that describes somebody or something of a name."""
    metadata = {"name": name, "uid": "5f0f0a52-44a2-4a5e-9d0c-5a0f5f0f0a01", "title": name}
    return Document("a.yaml", {"metadata": metadata, "spec": spec}, Somewhere())


def found(
    site: Said, mirror: dict[str, Any], tenants: Said, uses: Sequence[Said], today: date = FIRST
) -> list[Diagnostic]:
    """Return what is found about an instance at hill with its mirror at vale, and a council for each of the uses."""
    site = {"owner": "council-0", "local": "10.0.0.0/24", **NETWORK, **site}
    ledger = {"host": "council-0", "site": "hill", "product": "tryton", "offers": ["finance"], "tenants": tenants}
    spec = {
        "agreed": str(FIRST),
        "domain": "dales.test",
        "parties": ["council-0"],
        "sites": {"hill": site, "vale": site},
        "instances": {"ledger": {**ledger, **NETWORK, "mirror": {"site": "vale", **NETWORK, **mirror}}},
    }
    members = ({"joined": str(FIRST), "site": "hill", **NETWORK, "uses": {"ledger": use}} for use in uses)
    councils = tuple(decode.council(document(f"council-{number}", each)) for number, each in enumerate(members))
    folder = Folder(decode.partnership(document("dales", spec)), councils)
    return list(memory_exceeded.check(Definitions((folder,), {}, today)))


def on(day: str, *periods: Said) -> bool:
    """Say whether everything is there on a day."""
    return all(each.get("from", day) <= day < each.get("until", "9999") for each in periods)


@given(ROOM, PERIOD, PERIOD, MEMORY, USES, st.integers(0, LONGEST))
@settings(max_examples=300)
def test_a_site_is_full_just_when_some_day_still_to_come_takes_too_much(
    room: str, stands: Said, mirror: Said, tenants: Said, uses: list[Said], today: int
) -> None:
    """There is an error when, and only when, applications take more on some day from today on, and it says how much."""
    most = {"hill": 0, "vale": 0}
    for day in (str(FIRST + timedelta(number)) for number in range(today, LONGEST + 1)):
        takes = [mebibytes(use.get("memory", tenants.get("memory", "256MiB"))) for use in uses if on(day, use, stands)]
        most["hill"] = max(most["hill"], sum(takes))
        most["vale"] = max(most["vale"], sum(takes) if on(day, mirror) else 0)

    findings = found({"memory": room, **stands}, mirror, tenants, uses, FIRST + timedelta(today))

    assert [finding.summary.partition(" is taken on ")[0] for finding in findings] == [
        f"{site} has {room} of memory, and {size(taken)}" for site, taken in most.items() if taken > mebibytes(room)
    ]


def test_the_largest_are_named() -> None:
    """Of twenty applications eight; a mirror that is only planned has none."""
    uses = [{"memory": f"{64 + number}MiB"} for number in range(20)]

    [hill] = found({"memory": "1GiB"}, {"planned": True}, {}, uses)

    assert hill.summary.endswith("by 20 applications")
    assert [label.text for label in hill.related] == [
        f"council-{number} in ledger: {64 + number}MiB" for number in range(19, 11, -1)
    ]
