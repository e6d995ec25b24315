"""A tenant goes to a server of its own and back: its data with it, nobody else's touched, and a kill loses nothing."""

from __future__ import annotations

from copy import deepcopy

import pytest
from tests.fakes.containers import EXITED, RUNNING
from tests.fakes.dales import NEW
from tests.fakes.falls import Killed, killed, silent
from tests.operations.restore.moments import Moment
from tests.operations.tenant_move.conftest import OWN, SERVERS, SHARED, TENANT, Mover

from moothall.failures import BLOCKED, REFUSED, OperationError
from moothall.model.engines import Endpoint, Engines
from moothall.operations.planning import chosen_plan
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.tenant_move.guard import refuse_elsewhere

NEIGHBOUR = "alston"
REACH = Reach(Engines(Endpoint("unix:///nowhere")), {}, {})


def up(mover: Mover, server: str, council: str | None = None) -> None:
    """Look, as `up` does, whether the tenants' data is where the definitions have it."""
    context = mover.context(server)._replace(council=council)
    refuse_elsewhere(context, chosen_plan(context), REACH)


def others(mover: Mover) -> object:
    """Return all that stands of others on the shared server."""
    cluster = mover.cluster(SHARED)
    return deepcopy((cluster.databases[NEIGHBOUR], NEIGHBOUR in cluster.frozen))


def test_its_data_goes_with_it(mover: Mover) -> None:
    """All of it is on its own server, where nobody keeps it out; the former server keeps it, and lets nobody in."""
    before, neighbour = mover.cluster(SHARED).databases[TENANT].content, others(mover)

    view = mover.move(OWN)

    assert mover.holder() == OWN
    assert mover.databases(OWN) == {TENANT: before}
    assert mover.databases(SHARED) == {f"{TENANT}.before": before}
    assert TENANT not in mover.cluster(OWN).frozen
    assert TENANT in mover.cluster(SHARED).frozen
    assert others(mover) == neighbour
    assert (view["outcome"], view["server"], view["former"], view["rows"]) == ("moved", OWN, SHARED, 2)
    assert len(view["kept"]) == 1
    assert "tenant.dump" not in mover.machine.made[SERVERS[SHARED]].data.files


def test_it_comes_back_with_what_was_written_since(mover: Mover) -> None:
    """What was written on its own server is on the shared one then; its own server stands until it is forgotten."""
    mover.move(OWN)
    mover.cluster(OWN).databases[TENANT].tables["party_party"].append(("written since", NEW[1]))
    since = deepcopy(mover.cluster(OWN).databases[TENANT].content)

    view = mover.move(SHARED)

    assert mover.holder() == SHARED
    assert mover.cluster(SHARED).databases[TENANT].content == since
    assert TENANT not in mover.cluster(SHARED).frozen
    assert (view["server"], view["former"]) == (SHARED, OWN)

    assert mover.move(SHARED, forget=True, confirm=TENANT)["forgotten"]
    assert not [name for name in {*mover.machine.made, *mover.machine.volumes} if f".{OWN}." in name]
    assert mover.cluster(SHARED).databases[TENANT].content == since
    assert mover.move(SHARED, forget=True)["forgotten"] == []


def test_it_may_go_again_while_former_databases_are_kept(mover: Mover) -> None:
    """Each move keeps what it has left under a name of its own; forgetting removes all of that and the role there."""
    for server in (OWN, SHARED, OWN):
        mover.move(server)
    kept = [name for name in mover.cluster(SHARED).databases if name.startswith(f"{TENANT}.before-")]
    assert len(kept) == 2

    assert mover.move(OWN, forget=True, confirm=TENANT)["forgotten"] == sorted(kept)
    assert TENANT not in mover.cluster(SHARED).roles
    assert mover.holder() == OWN


def test_given_again_it_carries_nothing(mover: Mover) -> None:
    """Once there, the same command only has the tenant stand."""
    mover.move(OWN)
    mover.machine.done.clear()

    assert mover.move(OWN)["outcome"] == "there"
    assert mover.machine.done == []


@pytest.mark.parametrize("first", [OWN, SHARED])
@pytest.mark.parametrize("how", [killed, silent])
def test_ended_at_any_step_and_given_again(mover: Mover, first: str, how: object) -> None:
    """Wherever it is killed, or the engine falls silent: no data is lost, and the same command goes on to one end."""
    if first == SHARED:
        mover.move(OWN)
    [before] = [each for name, each in mover.databases(mover.holder()).items() if name == TENANT]
    mover.machine.done.clear()
    start = Moment(mover.machine, mover.state)
    mover.move(first)
    steps = len(mover.machine.done)
    assert steps

    for number in range(steps):
        start.resume()
        mover.machine.fall(number, how)
        with pytest.raises((Killed, OperationError)):
            mover.move(first)
        mover.machine.revive()
        found = [
            each
            for server in SERVERS
            if SERVERS[server] in mover.machine.made
            for each in mover.databases(server).items()
        ]
        assert (TENANT, before) in found, f"before step {number}"

        mover.move(first)
        assert mover.holder() == first, f"before step {number}"
        assert mover.databases(first)[TENANT] == before
        assert TENANT not in mover.cluster(first).frozen


def test_given_up_at_any_step(mover: Mover) -> None:
    """Until all is carried a move can be given up: the tenant works where it was, and nothing of it is left."""
    before = deepcopy(mover.cluster(SHARED))
    start = Moment(mover.machine, mover.state)
    mover.move(OWN)
    renamed = mover.machine.done.index(f"RENAME in {SERVERS[OWN]}")
    nothing = "no move of carlin in ledger is under way|No server of ledger--carlin takes writes"
    for number in range(renamed):
        start.resume()
        mover.machine.fall(number, killed)
        with pytest.raises(Killed):
            mover.move(OWN)
        mover.machine.revive()

        if any(name.startswith(f"{TENANT}.") for name in mover.databases(OWN)):
            assert mover.move(OWN, undo=True)["outcome"] == "undone"
        with pytest.raises(OperationError, match=nothing):
            mover.move(OWN, undo=True)
        assert mover.holder() == SHARED
        assert mover.cluster(SHARED).frozen == before.frozen
        assert mover.cluster(SHARED).content == before.content
        assert mover.databases(OWN) == {}


def test_all_carried_it_cannot_be_given_up(mover: Mover) -> None:
    """When the new server has all of it, going on is the way; then the definitions bring it back."""
    start = Moment(mover.machine, mover.state)
    mover.move(OWN)
    number = mover.machine.done.index(f"ALTER DATABASE in {SERVERS[SHARED]}")
    start.resume()
    mover.machine.fall(number, killed)
    with pytest.raises(Killed):
        mover.move(OWN)
    mover.machine.revive()

    for server in (OWN, SHARED):
        with pytest.raises(OperationError, match="all data of carlin is on the new server already") as refused:
            mover.move(server, undo=True)
        assert refused.value.exit_code == REFUSED
    assert mover.move(OWN)["outcome"] == "moved"
    assert mover.holder() == OWN


def test_a_move_that_was_begun_is_given_up_by_the_definitions(mover: Mover) -> None:
    """Who puts the file back and moves has the tenant let in where it is."""
    start = Moment(mover.machine, mover.state)
    mover.move(OWN)
    number = mover.machine.done.index(f"RENAME in {SERVERS[OWN]}")
    start.resume()
    mover.machine.fall(number, killed)
    with pytest.raises(Killed):
        mover.move(OWN)
    mover.machine.revive()
    assert TENANT in mover.cluster(SHARED).frozen

    assert mover.move(SHARED)["outcome"] == "there"
    assert TENANT not in mover.cluster(SHARED).frozen


def test_what_differs_is_not_taken(mover: Mover, monkeypatch: pytest.MonkeyPatch) -> None:
    """When what was carried is not what was frozen the tenant goes on where it is, and is let in there."""
    monkeypatch.setattr("tests.fakes.postgres.Database.fill", lambda self, dump: None)
    with pytest.raises(OperationError, match="party_party is in one of the two only"):
        mover.move(OWN)

    assert mover.holder() == SHARED
    assert TENANT not in mover.cluster(SHARED).frozen


def test_somebody_who_stops_it_has_the_tenant_let_in(mover: Mover, monkeypatch: pytest.MonkeyPatch) -> None:
    """With Ctrl-C before all is carried the tenant goes on where it is at once, and the same command moves it later."""

    def stopped(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("moothall.operations.tenant_move.carrying.carry", stopped)
        mover.move(OWN)

    assert mover.holder() == SHARED
    assert TENANT not in mover.cluster(SHARED).frozen
    assert mover.move(OWN)["outcome"] == "moved"


def test_a_tenant_that_is_handed_over_is_not_moved(mover: Mover) -> None:
    """Frozen by `decommission` it stays so: nobody but that lets it in again."""
    mover.cluster(SHARED).frozen.add(TENANT)
    mover.cluster(SHARED).databases[TENANT].guests = 0
    with pytest.raises(OperationError, match="is frozen") as refused:
        mover.move(OWN)

    assert "decommission carlin --thaw" in refused.value.hint
    assert TENANT in mover.cluster(SHARED).frozen


def test_no_disk_is_filled_up(mover: Mover) -> None:
    """Where there is no room for the dump and the database nobody is frozen: a full disk would stop the others too."""
    mover.machine.free = 2_999
    with pytest.raises(OperationError, match="MB free, and 0 MB are needed to carry carlin"):
        mover.move(OWN)

    assert mover.databases(OWN) == {}
    assert TENANT not in mover.cluster(SHARED).frozen


@pytest.mark.parametrize("server", [SHARED, OWN])
def test_what_is_another_councils_goes_nowhere(mover: Mover, server: str) -> None:
    """A name that was another council's has that one's data: nobody gets it by a server of their own."""
    mover.move(OWN)
    mover.move(SHARED)
    mover.cluster(server).roles[TENANT] = "moothall: council of-that-time"
    before = mover.databases(OWN)
    with pytest.raises(OperationError, match="data of another council, with the uid of-that-time"):
        mover.move(OWN)

    assert mover.holder() == SHARED
    assert mover.databases(OWN) == before


def test_up_makes_no_second_database(mover: Mover) -> None:
    """Until the tenant is moved `up` is refused for all that has to do with it, whichever way it is to go."""
    up(mover, SHARED)
    with pytest.raises(
        OperationError, match="is on the server ledger, and the definitions have it on ledger--carlin"
    ) as refused:
        up(mover, OWN)
    assert refused.value.hint == "moothall tenant move carlin ledger"
    up(mover, OWN, NEIGHBOUR)

    mover.move(OWN)
    up(mover, OWN)
    with pytest.raises(OperationError, match="is on the server ledger--carlin"):
        up(mover, SHARED)
    up(mover, SHARED, NEIGHBOUR)


def test_up_does_not_guess(mover: Mover) -> None:
    """A server with data that does not answer may have the tenant's: `up` says how to find out."""
    mover.machine.made[SERVERS[SHARED]].status = EXITED
    with pytest.raises(OperationError, match="it is not known whether") as refused:
        up(mover, OWN)
    assert refused.value.hint == "moothall up --instance ledger"

    mover.machine.made[SERVERS[SHARED]].status = RUNNING
    mover.move(OWN)
    mover.machine.made[SERVERS[SHARED]].status = EXITED
    up(mover, OWN)


def test_up_says_that_the_engine_has_fallen_silent(mover: Mover) -> None:
    """It answered a moment ago, and does not say what stands: nothing is touched."""
    mover.machine.fall(0, silent, calls=True)
    with pytest.raises(OperationError, match="it does not answer") as refused:
        up(mover, OWN)
    assert (refused.value.state, refused.value.hint) == ("Nothing was touched.", "moothall doctor")


def test_where_nothing_has_ever_stood_up_goes_on(mover: Mover) -> None:
    """On an empty machine there is no data that could be elsewhere."""
    mover.machine.made.clear()
    mover.machine.volumes.clear()
    up(mover, OWN)


def test_nothing_is_removed_without_the_name(mover: Mover) -> None:
    """Forgetting asks for the council's name, and moving for a yes."""
    with pytest.raises(OperationError) as refused:
        mover.move(OWN, yes=False)
    assert refused.value.exit_code == BLOCKED
    mover.move(OWN)
    with pytest.raises(OperationError) as refused:
        mover.move(OWN, forget=True)
    assert refused.value.exit_code == BLOCKED
    with pytest.raises(OperationError, match="is not on ledger"):
        mover.move(SHARED, forget=True, confirm=TENANT)
