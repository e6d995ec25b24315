"""A tenant has planted every kind of trap, and each verb that comes near its database is used: nobody falls in but it.

Its neighbour is handled as ever. What a verb does in there is tried kind by kind in tests/traps.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cutover import smartstream
from tests.live.helpers.running import Place, small
from tests.live.test_restore import clear
from tests.traps import kinds
from tests.traps.listening import listening

pytestmark = [pytest.mark.live, pytest.mark.incremental]
TENANT, NEIGHBOUR = "durham", "northumberland"
UNUSABLE = ("setting limits", "setting forms", "setting search_path", "function format", "function format of one")
"""What keeps the tenant's own application from working, and Tryton in a cut-over: that it may."""
Told = list[tuple[str, str, str, str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The ERP with its two tenants, up; one has planted what it can."""
    made = small(tmp_path_factory.mktemp("trapped"), "trapped")
    clear(made)
    try:
        run = made.run("up", "--yes", timeout=1500)
        assert run.code == 0, run
        planted = [*kinds.FIRST, *(s for name, kind in kinds.TOGETHER.items() if name not in UNUSABLE for s in kind)]
        for statement in planted:
            made.ask(f"SET search_path = public; {statement}", TENANT)
        yield made
    finally:
        clear(made)


@pytest.fixture(scope="module")
def told(place: Place) -> Iterator[Told]:
    """What the traps tell while the verbs work."""
    with listening(f"{place.name}.") as found:
        yield found


def test_verify(place: Place, told: Told) -> None:
    """Logins, modules, mirrors and backups of both."""
    run = place.run("verify")
    assert run.code == 0, run


def test_the_job_that_prepares(place: Place, told: Told) -> None:
    """A new password brings it to the tenant again."""
    assert place.run("keys", "rotate", "--council", TENANT, "--yes").code == 0
    run = place.run("up", "--yes")
    assert run.code == 0, run


def test_frozen_exported_proved(place: Place, told: Told, tmp_path: Path) -> None:
    """The export is proved in a server of its own; the tenant cannot lift the freeze meanwhile."""
    folder = tmp_path / "export"
    run = place.run("decommission", TENANT, "--freeze", "--yes", "--export", str(folder), "--format", "json")
    assert run.code == 0, run
    assert '"frozen": true' in (folder / "manifest.json").read_text()
    thawed = place.run("decommission", TENANT, "--thaw", "--yes")
    assert thawed.code == 0, thawed


def test_restored(place: Place, told: Told) -> None:
    """Beside, compared, swapped and undone; and the instance beside, with both compared."""
    for words in (
        (TENANT,),
        (TENANT, "--swap", "--confirm", TENANT),
        (TENANT, "--undo", "--confirm", TENANT),
        ("erp",),
    ):
        run = place.run("restore", *words, "--format", "json")
        assert run.code == 0, (words, run)


def test_drilled(place: Place, told: Told) -> None:
    """The instance from its repository, with every tenant logged in to and looked at."""
    run = place.run("drill", "restore", "erp", timeout=900)
    assert run.code == 0, run


def test_failed_over_and_back(place: Place, told: Told) -> None:
    """The mirror takes over with what is planted in it, and gives back."""
    for verb in ("failover", "failback"):
        run = place.run(verb, "erp", "--yes")
        assert run.code == 0, (verb, run)


def test_cut_over(place: Place, told: Told, tmp_path: Path) -> None:
    """A ledger is imported into a copy, and read back."""
    extract = smartstream.write(tmp_path / "ledger", journals=5)
    words = ("--rehearse", "--extract", str(extract), "--as-of", "2007-12-20", "--format", "json")
    run = place.run("cutover", TENANT, "erp", *words)
    assert run.code == 0, run


def test_nobody_fell_in_but_the_tenant(place: Place, told: Told) -> None:
    """In the servers, in the copies and in the one of the proof; and traps were fallen into."""
    assert {who for *_, session_user, current_user in told for who in (session_user, current_user)} == {TENANT}
    assert len({kind for _, kind, *_ in told}) > 10
    assert any(not name.startswith(place.name) for name, *_ in told), "the proof's server is heard"
