"""An old finance system's ledger carried into a running tenant: rehearsed, refused, killed midway, imported, undone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import docker
import pytest
from tests.cutover import smartstream
from tests.live.helpers.calling import Caller
from tests.live.helpers.running import Place, Run
from tests.waiting import wait_until

pytestmark = pytest.mark.live

BEFORE_THE_DAY = ("--as-of", "2007-12-20")
JOB = "mh-change.durham.morpeth.erp-cutover"
IMPORTED = "select count(*) from account_move where state = 'posted'"


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound extract of some journals."""
    return smartstream.write(tmp_path_factory.mktemp("extract") / "ledger", journals=30)


def databases(place: Place) -> list[str]:
    """Return the databases of Durham."""
    return place.ask("select datname from pg_database where datname like 'durham%' order by 1").split()


def cutover(place: Place, *words: object) -> Run:
    """Run the verb for Durham."""
    return place.run("cutover", "durham", "erp", "--format", "json", *map(str, words))


def is_as_before(place: Place) -> None:
    """Nothing of an import is in the tenant or beside it."""
    assert databases(place) == ["durham"]
    assert place.ask(IMPORTED, "durham") == "0"
    assert place.ask("select count(*) from company_company", "durham") == "0"


def test_rehearsed_before_the_day(change: Place, extract: Path) -> None:
    """Before the use begins a copy is filled and reconciled, and is gone afterwards; nothing else is touched."""
    stood = change.identities()

    run = cutover(change, "--extract", extract, *BEFORE_THE_DAY)

    assert run.code == 0, run
    assert (run.json["asked"], run.json["state"], run.json["journals"]) == ("rehearse", "rehearsed", 30)
    assert run.json["summary"]["failed"] == 0
    assert run.json["summary"]["passed"] == len(run.json["results"]) > 60
    is_as_before(change)
    assert change.identities() == stood
    reports = sorted(file.name for file in (change.root / "evidence").iterdir())
    name = "2007-12-20-cutover-durham-erp-rehearsed"
    assert reports == [f"{name}.json", f"{name}.md", f"{name}.xml"]


def test_nobody_confirms(change: Place, extract: Path) -> None:
    """On the day it is asked for; without anybody to answer nothing happens."""
    run = cutover(change, "--extract", extract)

    assert run.code == 5, run
    is_as_before(change)


def test_refused_while_a_penny_differs(change: Place, extract: Path, tmp_path: Path) -> None:
    """The old system's own totals are the measure: one of them a penny off, and nothing stays in the tenant."""
    smartstream.write(tmp_path, journals=30)
    file = tmp_path / "balances.csv"
    lines = file.read_text().splitlines(keepends=True)
    period, account, debit, credit = lines[7].strip().split(",")
    lines[7] = f"{period},{account},{float(debit) + 0.01:.2f},{credit}\n"
    file.write_text("".join(lines))

    run = cutover(change, "--extract", tmp_path, "--yes")

    assert run.code == 1, run
    assert run.json["state"] == "differs"
    [difference] = run.json["differences"]
    assert (difference["period"], difference["account"]) == (period, account)
    assert difference["apart"] == {"debit": "-0.01", "credit": "0.00"}
    assert (
        f"{difference['old']['debit']} | {debit} | -0.01"
        in next((change.root / "evidence").glob("*differs.md")).read_text()
    )
    is_as_before(change)


def test_killed_in_the_middle(change: Place, extract: Path) -> None:
    """The job killed while its transaction is open leaves nothing that the next run does not clear; another waits."""
    command = change.command("cutover", "durham", "erp", "--extract", str(extract), "--yes")
    running = subprocess.Popen(
        command, env=change.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: "durham.before" in databases(change) and JOB in change.containers())
    wait_until(lambda: change.ask("select 1 from pg_locks where relation = 'account_move'::regclass limit 1", "durham"))
    job = docker.from_env().containers.get(JOB)
    job.pause()  # in its middle, however long the other one takes to be told

    other = cutover(change, "--extract", extract, "--yes")
    job.kill()
    _, said = running.communicate(timeout=600)

    assert other.code == 5, other
    assert "is at work" in other.err
    assert running.returncode == 1, said
    assert "Traceback" not in said
    assert change.ask(IMPORTED, "durham") == "0"
    assert JOB not in change.containers()
    rehearsed = cutover(change, "--extract", extract, "--rehearse")
    assert rehearsed.code == 0, rehearsed


def test_imported_undone_and_final_with_the_first_posting(change: Place, extract: Path, tmp_path: Path) -> None:
    """On the day it is in the tenant; it can be undone and done again; a posting of somebody's ends that."""
    stood = change.identities()
    imported = cutover(change, "--extract", extract, "--yes")
    assert (imported.code, imported.json["state"]) == (0, "imported"), imported
    totals = change.ask("select sum(debit), sum(credit) from account_move_line", "durham")
    assert totals == f"{imported.json['totals']['old']['debit']}|{imported.json['totals']['old']['credit']}"

    again = cutover(change, "--extract", extract, "--yes")
    assert (again.code, again.json["state"]) == (0, "standing"), again
    assert again.json["importedAt"] == imported.json["importedAt"]
    assert change.ask(IMPORTED, "durham") == "30"
    another = cutover(change, "--extract", smartstream.write(tmp_path / "other", journals=3), "--yes")
    assert another.code == 4, another

    undone = cutover(change, "--undo", "--yes")
    assert (undone.code, undone.json["state"], undone.json["lost"]) == (0, "undone", {}), undone
    is_as_before(change)
    assert cutover(change, "--undo", "--yes").code == 4

    assert cutover(change, "--extract", extract, "--yes").code == 0
    verified = change.run("verify")
    assert verified.code == 0, verified
    with Caller(change, "durham", tmp_path / "caller") as durham:
        durham.post_a_journal()
    final = cutover(change, "--undo", "--yes")
    assert final.code == 4, final
    assert "1 postings were made since" in final.err
    assert change.ask(IMPORTED, "durham") == "31"
    assert change.identities() == stood
