"""Keys exchanged where a partnership stands: an old copy is worthless, and who only writes the state undoes nothing."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from tests.advice.taking import DAY, Operator
from tests.fakes.provided import Machine
from tests.keys.unsealed import unseal

from moothall.model.engines import Endpoint
from moothall.model.planned import Plan, Stack
from moothall.operations.stacks.declare import declare
from moothall.ports import Vault

ROTATE = ("keys", "rotate", "--yes")


@pytest.fixture
def stolen(operator: Operator, tmp_path: Path) -> Path:
    """A copy of the state from before anything is exchanged."""
    return Path(shutil.copytree(operator.root / ".moothall", tmp_path / "stolen"))


def password(operator: Operator, council: str = "alston", *words: str) -> str:
    """Return with what a council's administrator logs in."""
    code, _ = operator.type(["credentials", council, "ledger", "--format", "json", *words])
    assert code == 0, operator.shown
    return str(json.loads(operator.shown[0])["password"])


def done(operator: Operator, *words: str) -> None:
    """Type a command that succeeds."""
    code, _ = operator.type(list(words))
    assert code == 0, operator.shown


def keyring(operator: Operator) -> Path:
    """Return the partnership's keyring."""
    return operator.root / ".moothall/keyring/dales.json"


@pytest.mark.parametrize("whose", [("--council", "alston"), ("--partnership", "dales")])
def test_what_an_old_copy_derives_is_in_use_no_more(
    operator: Operator, machine: Machine, stolen: Path, whose: tuple[str, str]
) -> None:
    """With its passphrase it gives what was; nothing is left to do, and to see that nobody needs a secret."""
    before, neighbours = password(operator), password(operator, "carlin")

    done(operator, *ROTATE, *whose)

    assert password(operator) != before
    assert (password(operator, "carlin") == neighbours) is (whose[0] == "--council")
    with pytest.MonkeyPatch.context() as patch:
        shutil.copytree(operator.root.parent / "config", stolen / "config", ignore=shutil.ignore_patterns("keyrings"))
        patch.setenv("XDG_CONFIG_HOME", str(stolen / "config"))
        assert password(operator, "alston", "--state", str(stolen)) == before
    operator.patch.setenv("MOOTHALL_PASSPHRASE_FILE", "/nowhere")
    done(operator, "preview", "--detailed-exitcode")


def test_servers_and_backup_services_get_other_keys_in_place(operator: Operator, machine: Machine) -> None:
    """Their own, and those that they let in: the files change under them, and none of them is recreated."""
    before = len(machine.engine.calls)

    done(operator, *ROTATE, "--partnership", "dales")

    services = ("hill.agent", "hill.postgres", "vale.agent", "vale.postgres", "vale.repository", "vale.first-backup")
    calls = [call for call in machine.engine.calls[before:] if ".ledger." in str(call)]
    assert sorted(calls) == sorted(("update", f"dales.ledger.{service}-files") for service in services)


def test_a_number_stricken_out_puts_nothing_back(operator: Operator, machine: Machine, stolen: Path) -> None:
    """Whatever is typed next says who wrote there, and touches nothing."""
    done(operator, *ROTATE, "--council", "alston")
    calls = list(machine.engine.calls)
    ring = json.loads(keyring(operator).read_text())
    del ring["generations"]
    keyring(operator).write_text(json.dumps(ring))

    for words in (("up", "--yes"), ("preview",), (*ROTATE, "--partnership", "dales"), ("verify",)):
        code, hint = operator.fails(*words)
        assert code == 1
        assert "Somebody has altered the keyring" in operator.shown[1]
        assert hint.startswith("cp BACKUP_OF_THE_STATE/keyring/dales.json ")
    assert machine.engine.calls == calls


def test_a_whole_keyring_of_before_puts_nothing_back(operator: Operator, machine: Machine, stolen: Path) -> None:
    """What is advised gives everybody keys that neither the old copy nor the lost one has."""
    leaked = password(operator)
    done(operator, *ROTATE, "--council", "alston")
    used = password(operator)
    shutil.copy(stolen / "keyring/dales.json", keyring(operator))

    for words in (("up", "--yes"), ("preview",), (*ROTATE, "--council", "alston"), ("credentials", "alston", "ledger")):
        _, hint = operator.fails(*words)
        assert "keys that were exchanged since would come back" in operator.shown[1]
        assert hint.startswith("moothall keys rotate --partnership dales ")
    done(operator, *ROTATE, "--partnership", "dales")

    assert password(operator) not in (leaked, used)
    done(operator, "up", "--yes")


def test_who_has_seen_nothing_is_told_by_the_engine(operator: Operator, machine: Machine, stolen: Path) -> None:
    """A pipeline whose home is empty at each run: what stands says which keyring it follows."""
    leaked = password(operator)
    done(operator, *ROTATE, "--council", "alston")
    used, calls = password(operator), list(machine.engine.calls)
    shutil.copy(stolen / "keyring/dales.json", keyring(operator))
    shutil.rmtree(operator.root.parent / "config/moothall/keyrings")

    for words in (("up", "--yes"), (*ROTATE, "--council", "alston"), (*ROTATE, "--council", "carlin")):
        _, hint = operator.fails(*words)
        assert "keys that were exchanged since would come back" in operator.shown[1]
        assert hint.startswith("moothall keys rotate --partnership dales ")
    assert machine.engine.calls == calls
    done(operator, *ROTATE, "--partnership", "dales")

    assert password(operator) not in (leaked, used)
    done(operator, "up", "--yes")


def test_another_state_on_the_same_engine_says_nothing(operator: Operator, machine: Machine) -> None:
    """A label counts where its owner's key is that of this keyring."""
    labels = {"moothall.keyring": "99", "moothall.owner": "dales.alston.hill@000000000000"}
    machine.put_beside("stranger", labels)
    machine.put_beside("without", {"moothall.keyring": "99"})
    machine.put_beside(
        "odd", {"moothall.keyring": "many", "moothall.owner": f"x@{json.loads(keyring(operator).read_text())['id']}"}
    )
    done(operator, "up", "--yes")


def test_only_what_follows_an_exchange_says_so(operator: Operator, machine: Machine) -> None:
    """A rotation for one council recreates nothing of another's, and nothing is labelled before the first."""
    assert labelled(machine) == {}
    done(operator, *ROTATE, "--council", "alston")
    first = labelled(machine)
    assert {name.split(".")[1] for name in first} == {"alston"}
    done(operator, *ROTATE, "--council", "carlin")
    assert {name: change for name, change in labelled(machine).items() if ".alston." in name} == first
    assert max(labelled(machine).values()) > max(first.values())


def labelled(machine: Machine) -> dict[str, int]:
    """Return which change of the keyring each object follows that says so."""
    live = machine.engine.objects.values()
    return {each.name: int(each.labels["moothall.keyring"]) for each in live if "moothall.keyring" in each.labels}


def test_pulumis_cli_makes_the_same_plan_of_it(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it exports as the plan's digest is what `up` did: its preview of what stands is empty."""
    done(operator, *ROTATE, "--council", "alston")
    digests: dict[str, str] = {}

    def program(plan: Plan, stack: Stack, vault: Vault, key_id: str, host: Endpoint, digest: str) -> object:
        digests[stack.name] = digest

        async def nothing() -> None:
            pass

        return nothing

    monkeypatch.setattr("moothall.deploy.program.program", program)
    monkeypatch.setenv("MOOTHALL_AS_OF", DAY)
    applied = {path.stem: json.loads(path.read_text())["plan"] for path in operator.root.glob(".moothall/applied/*")}
    for stack in applied:
        asyncio.run(declare(stack, operator.root, is_preview=False))
    assert digests == applied


def test_up_seals_a_keyring_of_before_and_restarts_nothing(operator: Operator, machine: Machine) -> None:
    """Its numbers stood in the clear; the same passwords, keys and certificates are derived, so nothing is remade."""
    unseal(keyring(operator), (operator.root.parent / "config/moothall/passphrase").read_text().strip())
    before, calls = password(operator), list(machine.engine.calls)

    done(operator, "up", "--yes")

    assert json.loads(keyring(operator).read_text())["version"] == 2
    assert password(operator) == before
    assert machine.engine.calls == calls
