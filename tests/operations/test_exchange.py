"""The master key exchanged where a partnership stands in memory: phase by phase, by whoever gives the next command."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.advice.conftest import machine, operator, stood
from tests.advice.taking import Operator, killed
from tests.fakes.provided import Machine

from moothall.failures import Inconclusive
from moothall.keys.keyring import Keyring, open_keyring
from moothall.keys.keyring_file import keyring_path
from moothall.model import filesname
from moothall.operations.drill.leak_doors import Attempt
from moothall.operations.drill.loot import Loot
from moothall.operations.stacks.used_keyring import newest_change
from moothall.postgres.server import DatabaseServer
from moothall.pulumi_engine.state.passphrase import Passphrase
from moothall.verify.context import VerifyContext

__all__ = ["machine", "operator", "stood"]
EXCHANGE = ("keys", "rotate", "--master", "--yes")
HANDED_OUT = "certificates of the new one are handed out"
ALONE = "the old one is trusted no more"


def keyring(at: Operator) -> Keyring:
    """Open the keyring, as the operator does."""
    phrase = (at.root.parent / "config/moothall/passphrase").read_text().strip()
    return open_keyring(at.root / ".moothall", "dales", lambda salt: Passphrase(phrase, salt), create=False)


def test_all_phases_at_once(operator: Operator, machine: Machine) -> None:
    """In order, and then it is done: two authorities, the new one signs, the new one alone."""
    code, _ = operator.type([*EXCHANGE])

    assert code == 0, operator.shown
    said = "".join(operator.shown)
    assert 0 < said.index(HANDED_OUT) < said.index(ALONE)
    versions = keyring(operator).versions
    assert [version.number for version in versions.authorities] == [2]
    assert [former.version.number for former in versions.former] == [1]
    code, _ = operator.type(["preview", "--detailed-exitcode"])
    assert code == 0, operator.shown


def begin(at: Operator) -> None:
    """Begin an exchange as a run does that is killed as soon as the keyring says so."""
    killed(at, "moothall.operations.stacks.rotate.apply_phases", *EXCHANGE)


def signers(at: Operator) -> list[int]:
    """Return the generations of the authorities, that of the one that signs first."""
    return [version.number for version in keyring(at).versions.authorities]


def test_an_interrupted_one_goes_on_in_place(operator: Operator, machine: Machine) -> None:
    """With `up`, of everything alone. After the keys all is exchanged in place, in each container twice, and at the end
    nobody has the old authority."""
    begin(operator)
    code, _ = operator.type(["up", "--yes", "--council", "alston"])
    assert (code, signers(operator)) == (0, [1, 2]), operator.shown

    code, _ = operator.type(["up", "--yes"])

    assert (code, signers(operator)) == (0, [2]), operator.shown
    calls = machine.engine.calls
    last_made = max(number for number, (deed, _) in enumerate(calls) if deed != "update")
    in_place = [name for _, name in calls[last_made + 1 :]]
    trusting = {name for name, text in trusted(machine).items() if text}
    assert len(trusting) > 5
    assert {in_place.count(name) for name in trusting} == {2}
    authorities = {text for text in trusted(machine).values() if text}
    assert len(authorities) == 1
    assert authorities.pop().count("BEGIN CERTIFICATE") == 1


def trusted(at: Machine) -> dict[str, str]:
    """Return whom the files of each container say that it trusts, by the name of their uploader."""
    uploads = {inputs["name"]: inputs.get("uploads") or () for inputs in at.engine.inputs.values()}
    return {
        name: "".join(str(item["content"]) for item in items if item["file"] == "/cfg/ca.crt")
        for name, items in uploads.items()
    }


def test_a_former_repository_goes_with_the_next_up(operator: Operator, machine: Machine) -> None:
    """Not before its time; then its target is recreated, which removes it, and the keyring forgets its cipher."""
    code, _ = operator.type([*EXCHANGE])
    assert code == 0, operator.shown
    code, _ = operator.type(["up", "--yes"])
    assert (code, len(keyring(operator).versions.former)) == (0, 1)
    machine.engine.calls.clear()
    operator.patch.setattr("moothall.operations.secrets.time", SimpleNamespace(time=lambda: 4_000_000_000))

    code, _ = operator.type(["up", "--yes"])

    assert code == 0, operator.shown
    assert "the time of former backup repositories is over" in "".join(operator.shown)
    assert keyring(operator).versions.former == ()
    assert len(keyring(operator).masters) == 1
    made = {name for deed, name in machine.engine.calls if deed == "create" and not name.endswith("-files")}
    assert {name.rpartition(".")[2] for name in made if "-files-" not in name} == {"repository", "first-backup"}


PASSWORD = "tenant/u-1/ledger/database-password"


def doors(context: VerifyContext, loot: Loot) -> list[Callable[[], Iterator[Attempt]]]:
    """One door that asks for a password in use, in place of those that stand in containers."""

    def try_it() -> Iterator[Attempt]:
        is_let_in = loot.vault.secret(PASSWORD) == context.vault.secret(PASSWORD)
        yield Attempt("door", "a password at a door", is_let_in)

    return [try_it]


def test_a_leak_is_drilled(operator: Operator, machine: Machine) -> None:
    """Everything is exchanged, and what was stolen is tried before and after; it is written down how many are open."""
    operator.patch.setattr("moothall.operations.drill.leak.attempts", doors)

    code, _ = operator.type(["drill", "leak", "dales", "--live", "--confirm", "dales", "--format", "json"])

    assert code == 0, operator.shown
    view = json.loads(operator.shown[0])
    found = {result["id"]: (result["status"], result["detail"]) for result in view["results"]}
    assert found == dict.fromkeys(
        ("keyring.derived", "keyring.put-back", "door"), ("passed", "let in before, refused now")
    )
    assert (view["leak"]["doors"], view["leak"]["open"]) == (3, 0)
    [page] = [Path(file) for file in view["evidence"] if file.endswith(".md")]
    assert page.name.endswith("-leak-dales.md")
    assert "Drill: leak of dales, live" in page.read_text()
    assert f"everything was exchanged within {view['leak']['seconds']:.1f} s" in page.read_text()
    assert signers(operator) == [2]


def test_a_door_that_stays_open_is_missed(operator: Operator, machine: Machine) -> None:
    """The exit code says so, and the page which one it is."""
    operator.patch.setattr(
        "moothall.operations.drill.leak.attempts",
        lambda context, loot: [lambda: iter([Attempt("door", "a key at a door", True)])],
    )

    code, _ = operator.type(["drill", "leak", "dales", "--live", "--confirm", "dales"])

    assert code == 1, operator.shown
    assert "1 of 3 doors are open to what was stolen" in operator.shown[0]
    assert "it is let in still" in operator.shown[0]


def test_a_leak_is_drilled_with_what_runs_and_confirmed(operator: Operator, machine: Machine) -> None:
    """Of the whole partnership; nothing is exchanged otherwise."""
    for words, expected in (
        (["dales"], 64),
        (["alston", "--live", "--confirm", "alston"], 64),
        (["dales", "--live"], 5),
        (["dales", "--live", "--confirm", "alston"], 5),
    ):
        code, advice = operator.type(["drill", "leak", *words])
        assert (code, advice) == (expected, ["moothall drill leak dales --live --confirm dales"]), operator.shown
    assert signers(operator) == [1]


def test_a_keyring_from_the_middle_brings_nothing_back(operator: Operator, machine: Machine) -> None:
    """Put there by who can write the state, and used by somebody who has seen no newer one: no label says that the
    exchange has ended, but nobody trusts the old authority any more, and nobody does afterwards."""
    begin(operator)
    ring = keyring_path(operator.root / ".moothall", "dales")
    middle = ring.read_bytes()
    code, _ = operator.type(["up", "--yes"])
    assert (code, signers(operator)) == (0, [2]), operator.shown
    ring.write_bytes(middle)
    shutil.rmtree(operator.root.parent / "config/moothall/keyrings")
    operator.patch.setattr(
        "moothall.verify.checks.certificates.file_texts",
        lambda engine, container, paths: dict.fromkeys(paths, trusted(machine)[filesname.uploader(container)]),
    )
    machine.engine.calls.clear()

    code, _ = operator.type(["up", "--yes"])

    assert (code, signers(operator)) == (0, [2]), operator.shown
    assert machine.engine.calls == []


def test_sessions_of_former_keys_are_ended_when_all_has_followed(operator: Operator, machine: Machine) -> None:
    """At each server; where one falls silent then, the command that is advised ends them."""
    asked: list[tuple[str, bool]] = []

    def end(server: DatabaseServer, began: Mapping[str, str], *, certificates: bool) -> None:
        asked.append((server.container, certificates))
        if len(asked) == 1:
            raise Inconclusive("The engine does not answer.")

    operator.patch.setattr(DatabaseServer, "end_former_sessions", end)
    operator.patch.setattr(DatabaseServer, "is_ready", lambda server: True)
    servers = {("dales.ledger.hill.postgres", True), ("dales.ledger.vale.postgres", True)}

    code, advice = operator.type([*EXCHANGE])

    assert (code, signers(operator)) == (1, [2]), operator.shown
    assert advice == ["moothall up --partnership dales"]
    assert set(asked) == servers
    asked[:] = asked[:1]
    code, _ = operator.type([*advice[0].split()[1:], "--yes"])
    assert (code, set(asked[1:])) == (0, servers), operator.shown

    asked[:] = asked[:1]
    code, _ = operator.type(["keys", "rotate", "--council", "alston", "--yes"])
    assert (code, set(asked[1:])) == (0, {(name, False) for name, _ in servers}), operator.shown


@pytest.mark.parametrize("strange", ["", "-1", "\u00b2", "\u0667", "7\n", "9" * 19, "9" * 5000])
def test_a_label_of_anybodys_is_no_change_of_a_keyring(strange: str) -> None:
    """Who has containers of his own on an engine gives them labels as he likes."""
    assert newest_change(["3", strange, "12"]) == 12
    assert newest_change([strange]) == 0
