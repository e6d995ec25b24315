"""Each failure of `restore` is made, what it advises is done, and `restore` gets further."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import pytest
from tests.advice.taking import Operator
from tests.advice.test_advice_up import hung, locked, moved
from tests.advice.walking import Case, recorded, walk
from tests.fakes.containers import Volume
from tests.fakes.dales import PRIMARY
from tests.fakes.provided import Machine

from moothall.operations.restore.copy import LABEL

COPY = "dales.ledger.vale.copy"
PARTNERSHIP = "partnerships/dales/partnership.yaml"
RECORDS = """\
    records:
      host: alston
      site: hill
      product: tryton
      network: 10.1.2.0/24
      published-port: 8444
      offers: [finance]
"""
BACKUP = "      backup: {site: vale, network: 10.3.2.0/24, every: 1h, keep: {full: 2}}\n"
EARLY = int(datetime(2007, 1, 1, tzinfo=UTC).timestamp())
SWAP = ("restore", "ledger", "--swap", "--confirm", "ledger")
ALSTON = ("restore", "alston", "--swap", "--confirm", "alston")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a database that stays in use gives up at once."""
    monkeypatch.setattr("moothall.postgres.databases.RENAME_SECONDS", 0.0)


def nothing(at: Operator, machine: Machine) -> None:
    """All is well but for what is typed."""


def fails(word: str) -> object:
    """Return what has a command fail once."""
    return lambda at, machine: machine.fails.update({word: 1})


def never_up(at: Operator, machine: Machine) -> None:
    """Nothing has ever stood: there is no key."""
    shutil.rmtree(at.root / ".moothall")
    machine.engine.objects.clear()


def gone(at: Operator, machine: Machine) -> None:
    """The server is not there."""
    machine.take(PRIMARY)


def no_repository(at: Operator, machine: Machine) -> None:
    """What holds the backups is not there, and the server cannot have it make any."""
    machine.take("dales.ledger.vale.repository")
    machine.fails["prepare-cluster"] = 1


def unbuilt(at: Operator, machine: Machine) -> None:
    """These definitions' images were not built yet."""
    machine.images = {tag for tag in machine.images if "postgres" not in tag}


def altered(at: Operator, machine: Machine) -> None:
    """Somebody has written another image into the record of what was built."""
    file = at.root / ".moothall/images/dales.json"
    ids = dict.fromkeys(json.loads(file.read_text())["images"], f"sha256:{'0' * 64}")
    file.write_text(json.dumps({**json.loads(file.read_text()), "images": ids}))


def used(at: Operator, machine: Machine) -> None:
    """Somebody has put a container of his own on the volume of an old copy."""
    machine.volumes[COPY] = Volume({LABEL: "dales"})
    machine.put_beside("looker", {}, COPY)


def no_backup(at: Operator, machine: Machine) -> None:
    """The repository holds no backup."""
    backup, machine.backup = machine.backup, None
    at.acts["^docker --host .* pgbackrest .* backup$"] = lambda text: setattr(machine, "backup", backup)


def unheard(at: Operator, machine: Machine) -> None:
    """A name is typed that nobody has."""
    at.acts["^one of: "] = lambda text: list(SWAP)


def records(at: Operator, machine: Machine) -> None:
    """The council has a tenant of another instance, too."""
    file = at.root / PARTNERSHIP
    file.write_text(file.read_text() + RECORDS + BACKUP)
    council = at.root / "partnerships/dales/councils/alston.yaml"
    uses = "  uses:\n    records:\n      from: 2007-01-01\n      modules:\n        finance: {}\n"
    council.write_text(council.read_text().replace("  uses:\n", uses))


def unbacked(at: Operator, machine: Machine) -> None:
    """The instance has no backup target."""
    records(at, machine)
    file = at.root / PARTNERSHIP
    text = file.read_text()
    file.write_text(text.replace(BACKUP, ""))
    at.acts["^git grep -n 'backup:'"] = lambda said: file.write_text(text)


def damaged(at: Operator, machine: Machine) -> None:
    """What a restore has recorded that was killed cannot be read."""
    file = at.root / ".moothall/restores/dales.ledger.json"
    file.parent.mkdir()
    file.write_text("{")
    at.acts["^mv "] = lambda text: file.rename(f"{file}.damaged")


def unrecorded(at: Operator, machine: Machine) -> None:
    """Nothing can be recorded of a restore: somebody's file is in the place of the folder."""
    file = at.root / ".moothall/restores"
    file.write_text("somebody's")
    at.acts["^ls -ld "] = lambda text: file.unlink()


CASES = {
    "nothing stands": Case(never_up, "keys/keyring.py:open_keyring", ["up", "up"], SWAP),
    "another engine": Case(moved, "operations/stacks/engine_bindings.py:_check_same_engines", ["up", "up"], SWAP),
    "the engine hangs": Case(hung, "operations/restore/run.py:__exit__", ["doctor", "systemctl"], SWAP),
    "a lock of another machine": Case(locked, "pulumi_engine/state/lock.py:_locked_by", ["unlock", "unlock"], SWAP),
    "a name that nobody has": Case(unheard, "operations/restore/subject.py:choose", ["one"], ("restore", "leger")),
    "tenants of two": Case(records, "operations/restore/subject.py:choose", ["add"], ALSTON),
    "no target": Case(unbacked, "operations/restore/subject.py:_backup", ["git"], ("restore", "records")),
    "no server": Case(gone, "operations/restore/run.py:__exit__", ["up"], SWAP),
    "no server for a council": Case(gone, "operations/restore/run.py:_server", ["up"], ALSTON),
    "no repository": Case(no_repository, "operations/restore/run.py:__exit__", ["up"], SWAP),
    "images that are not built": Case(unbuilt, "operations/restore/run.py:__exit__", ["up"], SWAP),
    "images that somebody names": Case(altered, "operations/secrets.py:_refuse_altered_images", ["up"], SWAP),
    "a copy is used": Case(used, "operations/restore/run.py:__exit__", ["docker"], SWAP),
    "no backup": Case(no_backup, "operations/restore/backup_sets.py:choose", ["docker"], SWAP),
    "no dump at first": Case(fails("pg_dump"), "operations/restore/run.py:__exit__", ["restore"], ALSTON),
    "no filling at first": Case(fails("pg_restore"), "operations/restore/run.py:__exit__", ["restore"], ALSTON),
    "no stop at first": Case(fails("stop"), "operations/restore/run.py:__exit__", ["restore"], ALSTON),
    "a damaged record": Case(damaged, "operations/restore/record.py:read", ["mv"], SWAP),
    "no room for a record": Case(unrecorded, "operations/restore/record.py:_translate_os_errors", ["ls"], SWAP),
    "no preparation at first": Case(fails("prepare-cluster"), "operations/restore/run.py:__exit__", ["restore"], SWAP),
}


@pytest.mark.parametrize("case", CASES)
def test_restore(operator: Operator, machine: Machine, case: str) -> None:
    """Whatever it was that failed, the restored state is in place in the end, or beside where that was asked for."""
    found = CASES[case]
    walk(operator, machine, found._replace(words=()), *found.words)


WAY = "2008-05-01T09:00+00:00"


def test_what_nobody_confirms(operator: Operator, machine: Machine) -> None:
    """The advice is the same command with what was missing, of the same moment and the same instance."""
    machine.since = EARLY
    words = ("restore", "alston", "--instance", "ledger", "--at", WAY, "--swap")
    walk(operator, machine, Case(nothing, "operations/confirm.py:confirm", ["restore"]), *words)
    assert [moment[:4] for moment in machine.moments.values()] == ["2008"]
    for deed in ("--undo", "--forget"):
        walk(operator, machine, Case(nothing, "operations/confirm.py:confirm", ["restore"]), "restore", "alston", deed)


def test_what_fails_after_it_was_confirmed(operator: Operator, machine: Machine) -> None:
    """The advice says the moment again: without it the newest state would be put in place."""
    machine.since = EARLY
    machine.fails["pg_dump"] = 1
    _, advice = operator.fails("restore", "alston", "--at", WAY, "--swap", "--confirm", "alston")
    assert f"--at {WAY}" in advice
    assert operator.type(operator.take(advice, []))[0] == 0


IMPOSSIBLE = {
    "nothing to undo": (
        "operations/restore/run.py:_newest_former_state",
        ("restore", "alston", "--undo", "--confirm", "alston"),
    ),
    "no backup so early": ("operations/restore/backup_sets.py:choose", ("restore", "ledger", "--at", WAY)),
    "another's name then": (
        "operations/restore/side_copy.py:_refuse_other_council",
        ("restore", "alston", "--at", WAY),
    ),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_had(operator: Operator, machine: Machine, case: str) -> None:
    """What is advised instead can be had."""
    place, words = IMPOSSIBLE[case]
    if "another" in case:
        machine.since = EARLY
        machine.backup.roles["alston"] = "moothall another"
    with recorded() as places:
        _, advice = operator.fails(*words)
    assert place in places
    machine.backup.roles["alston"] = ""  # it was the council's own at the moment that is advised
    operator.given["TIME"] = "2008-06-01T09:00+00:00"
    assert operator.type(operator.take(advice, [])) == (0, [])
