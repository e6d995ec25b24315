"""What engines are given to run: what was built here, by its ID, whatever anybody has put under the tags."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from tests.operations.stacks.image_engines import ImageEngine, id_of
from tests.verify.plans import plan as small_plan

from moothall import paths
from moothall.failures import OperationError
from moothall.imagetags import tags
from moothall.model.engines import Endpoint, Engine, Engines
from moothall.model.planned import Plan
from moothall.operations.planning import by_id
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.stacks.images import supply
from moothall.ports import Silent

HERE, PARTNER, OTHER = (Endpoint(f"memory://{name}") for name in ("here", "partner", "other"))
TAGS = tags(paths.IMAGES)
TAG = TAGS["tryton"]


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> dict[Endpoint, ImageEngine]:
    """The engine that builds, with the ground of all images; a partner's, on which all is foreign; one with nothing."""
    made = {endpoint: ImageEngine() for endpoint in (HERE, PARTNER, OTHER)}
    made[HERE].have(TAGS["base"], "Debian")
    for tag in TAGS.values():
        made[PARTNER].have(tag, f"foreign {tag}")

    def client_for(endpoint: Endpoint, seconds: float) -> ImageEngine:
        made[endpoint].ping()
        return made[endpoint]

    carry = sys.modules["moothall.docker_engine.images.carry"]  # the package has a function of that name
    monkeypatch.setattr(carry, "client_for", client_for)
    monkeypatch.setattr("docker.from_env", lambda **how: made[Endpoint(how["environment"]["DOCKER_HOST"])])
    return made


@pytest.fixture
def plan() -> Plan:
    """Two councils, each on a site of its own."""
    made = small_plan(image=TAG)
    sites = ("morpeth", "durham-dc")
    stacks = (replace(stack, site=site) for stack, site in zip(made.stacks, sites, strict=False))
    return replace(made, stacks=tuple(stacks), tenants=made.tenants[:2])


def reach(*named: Endpoint) -> Reach:
    """Return the engines of both sites; without any named all is here."""
    sites = ("morpeth", "durham-dc")
    engines = (Engine(site, at, (site,), {}, {}) for site, at in zip(sites, named, strict=False))
    return Reach(Engines(HERE, tuple(engines)), {}, {})


def test_what_a_partner_has_under_our_tags_is_never_taken(engines: dict[Endpoint, ImageEngine], plan: Plan) -> None:
    """It is built here, and carried to both: to the partner, too, where the tag means it from then on."""
    ids, _ = supply(reach(PARTNER, OTHER), HERE, plan, {}, Silent())

    assert engines[PARTNER].sent == 0
    assert ids == {TAG: engines[HERE].ids[TAG]}
    assert engines[HERE].built == 1
    assert engines[PARTNER].ids[TAG] == engines[OTHER].ids[TAG] == ids[TAG]
    assert {c.image for stack in by_id(plan, ids).stacks for c in stack.containers} == {ids[TAG]}


def test_a_tag_that_is_given_away_between_looking_and_carrying_changes_nothing(
    engines: dict[Endpoint, ImageEngine], plan: Plan
) -> None:
    """Images are asked for by their IDs, and go by them."""
    built = engines[HERE].have(TAG, "built before")
    engines[HERE].meanwhile = lambda: engines[HERE].have(TAG, "foreign")

    ids, _ = supply(reach(PARTNER, OTHER), HERE, plan, {TAG: built}, Silent())

    assert ids == {TAG: built}
    assert [engines[at].contents[engines[at].ids[TAG]] for at in (PARTNER, OTHER)] == ["built before"] * 2
    assert id_of("foreign") not in engines[PARTNER].contents | engines[OTHER].contents


def test_what_is_on_record_is_not_carried_again_and_the_tag_is_given_back(
    engines: dict[Endpoint, ImageEngine], plan: Plan
) -> None:
    """Nobody is asked for an archive, and no engine need be there that builds."""
    for at in (PARTNER, OTHER):
        built = engines[at].have(TAG, "built before")
    engines[OTHER].have(TAG, "foreign")
    engines[HERE].answers = False

    assert supply(reach(PARTNER, OTHER), HERE, plan, {TAG: built}, Silent()) == ({TAG: built}, {})

    assert engines[OTHER].ids[TAG] == built
    assert not any(engine.sent for engine in engines.values())


def test_what_is_lost_here_is_built_again_and_not_taken_from_whoever_has_it(
    engines: dict[Endpoint, ImageEngine], plan: Plan
) -> None:
    """Neither from the partner nor from what somebody has put under its tag here; and it says so."""
    lost = engines[PARTNER].have(TAG, "built before")
    engines[HERE].have(TAG, "foreign")
    told: list[str] = []
    progress = Silent()
    progress.stage = told.append  # type: ignore[method-assign]

    ids, _ = supply(reach(PARTNER, OTHER), HERE, plan, {TAG: lost}, progress)

    assert ids == {TAG: engines[HERE].ids[TAG]}
    assert engines[HERE].contents[ids[TAG]] == f"{TAG} built 1"
    assert engines[PARTNER].sent == 0
    assert any("it is built again, and what runs of it is recreated" in line for line in told)


def test_an_engine_that_keeps_something_else_stops_no_other(engines: dict[Endpoint, ImageEngine], plan: Plan) -> None:
    """Whatever it has, it has not what was sent: nothing is done at its site, and all is at the other."""
    engines[PARTNER].swaps = True
    engines_of_sites = reach(PARTNER, OTHER)

    ids, failures = supply(engines_of_sites, HERE, plan, {}, Silent())

    assert engines[OTHER].ids[TAG] == ids[TAG]
    assert [failure.message for failure in failures.values()] == [
        f"The engine at memory://partner did not take {TAG}: it has them by no ID of ours."
    ]
    left = engines_of_sites._replace(identities={"morpeth": "P", "durham-dc": "O"}).without({PARTNER: "why"})
    assert (left.silent, left.identities) == ({"morpeth": "why"}, {"durham-dc": "O"})


def test_an_engine_that_falls_silent_stops_no_other(engines: dict[Endpoint, ImageEngine], plan: Plan) -> None:
    """Between the moment when it was asked who it is and this one."""
    engines[PARTNER].answers = False

    ids, failures = supply(reach(PARTNER, OTHER), HERE, plan, {}, Silent())

    assert engines[OTHER].ids[TAG] == ids[TAG]
    assert {*failures} == {PARTNER}


def test_who_cannot_build_has_nothing(engines: dict[Endpoint, ImageEngine], plan: Plan) -> None:
    """A partner that has everything is no way out."""
    engines[HERE].answers = False

    with pytest.raises(OperationError, match="memory://here does not answer"):
        supply(reach(PARTNER, PARTNER), HERE, plan, {}, Silent())


def test_on_the_engine_that_builds_the_record_goes_before_the_tag(
    engines: dict[Endpoint, ImageEngine], plan: Plan
) -> None:
    """And without a record its tag is believed: who can give tags there can do all else there, too."""
    built = engines[HERE].have(TAG, "built before")
    assert supply(reach(), HERE, plan, {}, Silent()) == ({TAG: built}, {})
    engines[HERE].have(TAG, "foreign")

    assert supply(reach(), HERE, plan, {TAG: built}, Silent()) == ({TAG: built}, {})

    assert engines[HERE].ids[TAG] == built
    assert id_of("built before") == built
