"""Each failure of `up` on its engines is made, what it advises is done, and `up` gets further."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from tests.advice.taking import Operator
from tests.advice.walking import NO_FAILURE, Case, walk
from tests.fakes.provided import Machine
from tests.pulumi_engine.memory_engine import fails_once

from moothall.pulumi_engine.protocol.resource_types import CONTAINER
from moothall.pulumi_engine.state.journal import Journal

POSTGRES = "dales.ledger.hill.postgres"
STACK = "dales.ledger.hill"
STATES = ".moothall/.pulumi/stacks/moothall"
LOCKS = ".moothall/.pulumi/locks/organization/moothall"


def silent(at: Operator, machine: Machine) -> None:
    """The engine does not answer."""
    machine.silent = True


def hung(at: Operator, machine: Machine) -> None:
    """The engine says who it is, and nothing more."""
    machine.hung = True


def lost(at: Operator, machine: Machine) -> None:
    """The engine falls silent after it was asked who it is."""
    machine.take(POSTGRES)
    machine.answered = 6


def moved(at: Operator, machine: Machine) -> None:
    """Another engine answers, at the same address, for all sites."""
    machine.identity = "ANOTHER"
    machine.engine.objects.clear()


def elsewhere(at: Operator, machine: Machine) -> None:
    """Another engine answers, at another address."""
    moved(at, machine)
    at.patch.setenv("DOCKER_HOST", "unix:///run/other.sock")


def unasked(at: Operator, machine: Machine) -> None:
    """Something is to be changed."""
    machine.take(POSTGRES)


def probe(at: Operator, machine: Machine) -> None:
    """A killed run has left a probe, which the engine does not remove."""
    machine.put_beside("old", {"moothall.probe": "dales"})
    machine.stuck.add("old")


def foreign(at: Operator, machine: Machine) -> None:
    """Somebody else has put a container of a wanted name there."""
    machine.take(POSTGRES)
    machine.put(CONTAINER, POSTGRES)


def taken_over(at: Operator, machine: Machine) -> None:
    """Somebody else has made one of our volumes anew: it has its old name, which is its id, and another owner."""
    machine.take(POSTGRES)
    [volume] = [i for i, live in machine.engine.objects.items() if live.name == "dales.ledger.hill.run"]
    machine.take(volume)
    machine.put("docker:index/volume:Volume", volume, "somebody", id_=volume)


def refused(at: Operator, machine: Machine) -> None:
    """The engine does not make a container at first."""
    machine.take(POSTGRES)
    machine.engine.on_create = fails_once(POSTGRES)


def deaf(at: Operator, machine: Machine) -> None:
    """A tenant does not answer after its change."""
    machine.take(POSTGRES)
    machine.deaf.add("alston")


def held(at: Operator, machine: Machine) -> None:
    """A process on another machine holds a stack that is to be changed, or did."""
    machine.take(POSTGRES)
    locked(at, machine)


def locked(at: Operator, machine: Machine) -> None:
    """A process on another machine holds a stack, or did."""
    folder = at.root / LOCKS / STACK
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "x.json").write_text(json.dumps({"pid": 1, "hostname": "elsewhere", "timestamp": "2008-06-01T09:00:00Z"}))


def no_folder(at: Operator, machine: Machine) -> None:
    """There is a file where the locks belong."""
    machine.take(POSTGRES)
    folder = at.root / LOCKS
    for each in sorted(folder.rglob("*"), reverse=True):
        each.unlink() if each.is_file() else each.rmdir()
    folder.rmdir()
    folder.write_text("")
    at.acts["^ls -ld "] = lambda text: folder.unlink()


def full(at: Operator, machine: Machine) -> None:
    """There is no room for the state: what is written of it goes to a device that is always full."""
    machine.take(POSTGRES)
    mark = at.root / ".moothall/.pulumi/meta.yaml"
    mark.unlink()
    mark.symlink_to("/dev/full")
    at.acts["^df "] = lambda text: mark.unlink()


def no_journal(at: Operator, machine: Machine) -> None:
    """There is something where the journal belongs, and it leads nowhere."""
    machine.take(POSTGRES)
    journal = at.root / STATES / f"{STACK}.json.journal"
    journal.symlink_to("/nowhere")
    at.acts["^ls -ld "] = lambda text: journal.unlink()


def cut(at: Operator, machine: Machine) -> None:
    """A state is not whole."""
    state = at.root / STATES / f"{STACK}.json"
    state.write_text(state.read_text()[:-40])


def altered(at: Operator, machine: Machine) -> None:
    """A state was changed by hand."""
    state = at.root / STATES / f"{STACK}.json"
    state.write_text(state.read_text().replace("postgres", "postgres9"))


def no_text(at: Operator, machine: Machine) -> None:
    """A state is no text."""
    (at.root / STATES / f"{STACK}.json").write_bytes(b"\xff\xfe")


def scribbled(at: Operator, machine: Machine) -> None:
    """A journal is not as it was written."""
    (at.root / STATES / f"{STACK}.json.journal").write_bytes(b"0000 {}\n")


def unsealed(at: Operator, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a state as Pulumi might write it, without the digest that tells."""
    state = at.root / STATES / f"{STACK}.json"
    whole = json.loads(state.read_text())
    whole["checkpoint"]["latest"]["manifest"].pop("digest")
    change(whole["checkpoint"]["latest"])
    state.write_text(json.dumps(whole))


def twice(at: Operator, machine: Machine) -> None:
    """A state names something twice."""
    unsealed(at, lambda latest: latest["resources"].append(latest["resources"][-1]))


def newer(at: Operator, machine: Machine) -> None:
    """A state needs what only a newer moothall knows; Pulumi's CLI ends that."""
    state = at.root / STATES / f"{STACK}.json"
    before = state.read_text()
    unsealed(at, lambda latest: None)
    whole = {**json.loads(state.read_text()), "version": 4, "features": ["hooks"]}
    state.write_text(json.dumps(whole))

    def ended(text: str) -> list[str]:
        state.write_text(before)
        return ["up", "--yes"]

    at.acts[f"^pulumi preview --stack {STACK}  # in stacks/; or upgrade moothall"] = ended


def journaled(at: Operator, moves: list[dict[str, Any]], checkpoint: str = "") -> None:
    """Leave a journal, as a killed run does."""
    state = at.root / STATES / f"{STACK}.json"
    digest = hashlib.sha256(state.read_bytes()).hexdigest()
    journal = Journal(state.with_name(f"{state.name}.journal"), STACK, checkpoint or digest)
    journal.add(moves)
    journal.close()


def unknown_move(at: Operator, machine: Machine) -> None:
    """A journal says something that nobody knows."""
    journaled(at, [{"turn": "round"}])


def left_behind(at: Operator, machine: Machine) -> None:
    """A journal continues another state than the one that is there."""
    journaled(at, [], "0" * 64)


def not_a_journal(at: Operator, machine: Machine) -> None:
    """There is a folder in the place of a journal."""
    (at.root / STATES / f"{STACK}.json.journal").mkdir()


def unmade(at: Operator, machine: Machine) -> None:
    """Nothing stands, and nothing ever has: there is no network for what a mirror is put on."""
    shutil.rmtree(at.root / ".moothall")
    machine.engine.objects.clear()
    machine.engine.on_create = fails_once("dales.ledger.vale.postgres")


CASES = {
    "what it needs was never made": Case(unmade, NO_FAILURE, ["up"], ("--site", "vale")),
    "the engine is silent": Case(silent, "operations/stacks/apply.py:_check_engines_answer", ["doctor", "systemctl"]),
    "the engine hangs": Case(hung, "operations/stacks/used_keyring.py:newest_used", ["doctor", "systemctl"]),
    "another engine": Case(moved, "operations/stacks/engine_bindings.py:_check_same_engines", ["up", "up"]),
    "another engine elsewhere": Case(
        elsewhere, "operations/stacks/engine_bindings.py:_check_same_engines", ["up", "up"]
    ),
    "a probe stays": Case(probe, "verify/ready.py:clear_probes", ["docker"]),
    "a foreign container": Case(foreign, "pulumi_engine/steps/step_generator.py:_leftover", ["docker"]),
    "a foreign volume": Case(taken_over, "pulumi_engine/steps/step_generator.py:_check_owner", ["docker"]),
    "a step is refused": Case(refused, NO_FAILURE, ["up"]),
    "a tenant does not answer": Case(deaf, NO_FAILURE, ["verify"]),
    "a lock of another machine": Case(held, "pulumi_engine/state/lock.py:_locked_by", ["unlock", "unlock"]),
    "no folder for locks": Case(no_folder, "pulumi_engine/state/lock.py:hold_flock", ["ls"]),
    "no room for the state": Case(full, "pulumi_engine/state/checkpoint.py:save", ["df"]),
    "no journal": Case(no_journal, "pulumi_engine/state/journal.py:_translate_errors", ["ls"]),
    "a state that is cut": Case(cut, "pulumi_engine/state/checkpoint.py:parse", ["state", "state"]),
    "a state that was altered": Case(altered, "pulumi_engine/state/checkpoint.py:_latest", ["state", "state"]),
    "a state that is no text": Case(no_text, "pulumi_engine/state/checkpoint.py:_read", ["state", "state"]),
    "a state that names something twice": Case(
        twice, "pulumi_engine/state/checkpoint.py:_check_order", ["state", "state"]
    ),
    "a journal with an unknown move": Case(unknown_move, "pulumi_engine/state/journal.py:replay", ["state", "state"]),
    "a state of a newer version": Case(newer, "pulumi_engine/state/formats.py:check", ["pulumi"]),
    "a journal of another state": Case(
        left_behind, "pulumi_engine/state/checkpoint.py:_load_with_journal", ["state", "state"]
    ),
    "a journal that is a folder": Case(not_a_journal, "pulumi_engine/state/journal.py:read", ["state", "state"]),
    "a journal that is scribbled on": Case(scribbled, "pulumi_engine/state/journal.py:_contents", ["state", "state"]),
}


@pytest.mark.parametrize("case", CASES)
def test_up(operator: Operator, machine: Machine, case: str) -> None:
    """Whatever it was that failed, everything stands in the end."""
    walk(operator, machine, CASES[case], "up", "--yes")


def test_nobody_confirms(operator: Operator, machine: Machine) -> None:
    """The advice is the same command with what was missing."""
    walk(operator, machine, Case(unasked, "operations/confirm.py:confirm", ["up"]), "up", "--site", "hill")
