"""What a site is cut off by, held against taking each link and site away in turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from moothall.language.facts.dominators import dominators
from moothall.language.files import decode
from moothall.language.rules.network import no_route, single_point_of_failure
from moothall.model.written import Definitions, Folder
from moothall.source import Document, Place, Span

SITES = ("hill", "pass", "vale", "fell", "moor")
NOWHERE = Span("a.yaml", 1, 1, 1, 1)
PLACES = {(): Place(NOWHERE, NOWHERE)}
Link = tuple[str, str]
UID = "5f0f0a52-44a2-4a5e-9d0c-5a0f5f0f0a01"


def definitions(links: Sequence[Link], transit: set[str], at: str) -> Definitions:
    """Return an instance at hill with its mirror at vale, and a council at a site that uses it."""
    network = {"network": "10.0.0.0/24"}
    spec = {
        "agreed": "2006-10-10",
        "domain": "dales.test",
        "parties": ["alston"],
        "sites": {site: {"owner": "alston", "local": "x", "transit": site in transit, **network} for site in SITES},
        "links": [{"between": list(link), **network} for link in links],
        "instances": {
            "ledger": {"host": "alston", "site": "hill", "product": "tryton", "offers": ["finance"]} | network
        },
    }
    spec["instances"]["ledger"]["mirror"] = {"site": "vale", **network}  # type: ignore[index]
    use = {"joined": "2006-10-10", "site": at, "uses": {"ledger": {"modules": {"finance": {}}}}, **network}
    named = {"name": "alston", "uid": UID, "title": "Alston"}
    partnership = decode.partnership(Document("a.yaml", {"metadata": named, "spec": spec}, PLACES))
    council = decode.council(Document("b.yaml", {"metadata": named, "spec": use}, PLACES))
    return Definitions((Folder(partnership, (council,)),), {}, date(2008, 6, 1))


def joined(links: Sequence[Link], transit: set[str], one: str, others: set[str]) -> bool:
    """Say, by following every way, whether a site is joined to one of the others."""
    ways = [[one]]
    while ways:
        way = ways.pop()
        if way[-1] in others:
            return True
        if way[-1] == one or way[-1] in transit:
            ends = {end for link in links if way[-1] in link for end in link}
            ways += [[*way, end] for end in ends if end not in way]
    return False


def single_points(links: Sequence[Link], transit: set[str], one: str, others: set[str]) -> set[str]:
    """Return what a finding calls each link and site without which the site is cut off from all the others."""
    found = {
        f"the link between {' and '.join(link)}"
        for link in links
        if not joined([other for other in links if other != link], transit, one, others)
    }
    for site in {*SITES} - {one}:
        left = [link for link in links if site not in link]
        if others != {site} and not joined(left, transit, one, others - {site}):
            found.add(f"the site {site}")
    return found


networks = st.lists(st.sampled_from(list(combinations(SITES, 2))), unique=True)


@given(networks, st.sets(st.sampled_from(SITES)), st.sampled_from(SITES))
def test_a_warning_names_what_cuts_off(links: list[Link], transit: set[str], at: str) -> None:
    """There is a warning exactly where the loss of one thing cuts off, it names such a thing, a site before a link."""
    found = list(single_point_of_failure.check(definitions(links, transit, at)))

    expected = []
    for one, others in (("vale", {"hill"}), (at, {"hill", "vale"})):
        points = single_points(links, transit, one, others)
        if one not in others and joined(links, transit, one, others) and points:
            expected.append({point for point in points if "site" in point} or points)
    assert len(found) == len(expected)
    for finding, points in zip(found, expected, strict=True):
        assert finding.summary.removeprefix("without ").partition(",")[0] in points


@given(networks, st.sets(st.sampled_from(SITES)), st.sampled_from(SITES))
def test_no_route_is_said_of_what_is_not_joined(links: list[Link], transit: set[str], at: str) -> None:
    """There is a finding for the mirror, and for the council and each of the two sites, where no way leads."""
    found = list(no_route.check(definitions(links, transit, at)))

    pairs = [("hill", "vale"), (at, "hill"), (at, "vale")]
    assert len(found) == sum(not joined(links, transit, one, {other}) for one, other in pairs)


def test_a_long_chain_is_no_trouble() -> None:
    """Every node of a chain of 100,000 leads through the one before; nothing recurses."""
    chain = {node: [node + 1] for node in range(100_000)} | {100_000: []}

    found = dominators(chain, 0)

    assert found == {0: 0} | {node + 1: node for node in range(100_000)}
