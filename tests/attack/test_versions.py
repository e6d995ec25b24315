"""Old versions, taking a state out and putting one in, and going back from 40 (300 in the campaign) kinds of damage."""

from __future__ import annotations

import json
import os
import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.attack.ground import PROJECT, SECRET, Ground
from tests.pulumi_engine.memory_engine import MemoryEngine

from moothall import pulumi_engine
from moothall.pulumi_engine.state import checkpoint, history, lock
from moothall.pulumi_engine.state.passphrase import Passphrase
from moothall.pulumi_engine.state.rekeying import rekey
from moothall.pulumi_engine.steps.observer import SILENT
from moothall.pulumi_engine.steps.operations import Operation

MUTATIONS = int(os.environ.get("MOOTHALL_MUTATIONS", "40"))


class Memory(Ground):
    """A ground on an engine in memory."""

    engine = MemoryEngine()

    def up(self, declare: Any, stack: str = "", **how: Any) -> pulumi_engine.Outcome:
        """Run `up`."""
        return Operation(self.run(declare, stack), self.backend, SILENT, lambda address: self.engine).up(
            threading.Event()
        )


def volumes(*names: str) -> Callable[[Any], None]:
    """A program of volumes and a secret."""

    def declare(w: Any) -> None:
        for name in names:
            w.volume(name)
        w.pulumi.export("secret", w.pulumi.Output.secret(SECRET))

    return declare


@pytest.fixture
def place(tmp_path: Path) -> Memory:
    """A stack with two versions."""
    made = Memory("mhaver", tmp_path)
    made.up(volumes("one"))
    made.up(volumes("one", "two"))
    return made


def file_of(place: Ground) -> Path:
    """The checkpoint."""
    return place.backend.checkpoint(PROJECT, place.stack)


def test_versions_are_listed_and_pruned(place: Memory) -> None:
    """One for each operation that changed something, the newest first, with time, reason and end."""
    view = json.loads(place.moothall("state", "history", place.stack, "--format", "json").stdout)
    [stack] = view["stacks"]
    assert [(v["reason"], v["result"]) for v in stack["versions"]] == [("up", "succeeded")] * 2
    assert Path(stack["versions"][0]["file"]).read_bytes() == file_of(place).read_bytes()

    for number in range(history.KEPT_VERSIONS + 3):
        place.up(volumes(*(f"v{n}" for n in range(number % 3 + 1))))
    assert len(history.versions(place.backend, PROJECT, place.stack)) == history.KEPT_VERSIONS
    assert place.moothall("state", "history", place.stack, "--keep", "3").stdout.count("up  succeeded") == 3


def test_versions_rise_when_the_clock_is_set_back(place: Memory) -> None:
    """A version of a time to come does not hide the later one."""
    [newest, *_] = history.versions(place.backend, PROJECT, place.stack)
    ahead = newest.number + 10**18
    for path in list(newest.path.parent.glob(f"*{newest.number}*")):
        path.rename(path.with_name(path.name.replace(str(newest.number), str(ahead))))
    place.up(volumes("three"))

    versions = history.versions(place.backend, PROJECT, place.stack)
    assert versions[0].number == ahead + 1
    assert versions[0].path.read_bytes() == file_of(place).read_bytes()


def test_export_is_imported_again(place: Memory) -> None:
    """What went out comes in, secrets sealed all the while; the state before is a version."""
    run = place.moothall("state", "export", place.stack)
    exported = json.loads(run.stdout)
    assert SECRET not in run.stdout
    assert exported["version"] == 3
    assert "digest" not in exported["deployment"]["manifest"]
    file = place.root / "exported.json"
    file.write_text(run.stdout)
    place.up(volumes("one"))

    assert place.moothall("state", "import", place.stack, str(file)).stdout == f"{place.stack} has 4 resources now.\n"
    assert place.checkpoint()["resources"] == exported["deployment"]["resources"]
    reasons = [version.reason for version in history.versions(place.backend, PROJECT, place.stack)]
    assert reasons[:2] == ["import", "up"]


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "its version is 2": lambda e: e.update(version=2),
    "it needs 'hooks'": lambda e: e.update(version=4, features=["hooks", "taint"]),
    "belongs to another stack": lambda e: e["deployment"]["resources"][0].update(urn="urn:pulumi:x::moothall::a::b"),
    "is in it twice": lambda e: e["deployment"]["resources"].append(e["deployment"]["resources"][-1]),
    "comes before": lambda e: e["deployment"]["resources"].reverse(),
    "magic": lambda e: e["deployment"]["manifest"].update(magic="0" * 64),
    "passphrase was refused": lambda e: e["deployment"]["secrets_providers"]["state"].update(
        salt=Passphrase("another passphrase").salt_line
    ),
}


@pytest.mark.parametrize("why", WRONG)
def test_a_wrong_import_is_refused(place: Memory, why: str) -> None:
    """With the cause, and nothing is changed."""
    exported = json.loads(place.moothall("state", "export", place.stack).stdout)
    WRONG[why](exported)
    file = place.root / "wrong.json"
    file.write_text(json.dumps(exported))
    before = file_of(place).read_bytes()

    run = place.moothall("state", "import", place.stack, str(file))

    assert run.returncode == 1
    assert why in run.stderr
    assert file_of(place).read_bytes() == before


def test_no_import_while_somebody_works(place: Memory) -> None:
    """Exit 5."""
    file = place.root / "exported.json"
    file.write_text(place.moothall("state", "export", place.stack).stdout)
    with lock.hold(place.backend, PROJECT, place.stack, SILENT):
        assert place.moothall("state", "import", place.stack, str(file)).returncode == 5


def mutated(text: bytes, chance: random.Random) -> tuple[str, bytes]:
    """The text, damaged somehow, and how."""
    kind = chance.choice(["truncated", "flipped", "zeroed", "salt", "format", "swapped"])
    at = chance.randrange(len(text))
    if kind == "truncated":
        return kind, text[:at]
    if kind == "flipped":
        return f"flipped at {at}", text[:at] + bytes([text[at] ^ 1 << chance.randrange(8)]) + text[at + 1 :]
    if kind == "zeroed":
        return f"zeroed at {at}", text[:at] + bytes(min(512, len(text) - at)) + text[at + 512 :]
    whole = json.loads(text)
    if kind == "salt":
        salt = whole["checkpoint"]["latest"]["secrets_providers"]["state"]
        salt["salt"] = "v1:AAAAAAAAAAA=" + salt["salt"][15:]
    elif kind == "format":
        whole["version"] = chance.choice([1, 2, 4, 5, 99, None, "3"])
    else:
        resources = whole["checkpoint"]["latest"]["resources"]
        a, b = chance.sample(range(len(resources)), 2)
        resources[a], resources[b] = resources[b], resources[a]
    return kind, json.dumps(whole).encode()


def test_damage_is_refused_and_mended(place: Memory) -> None:
    """Every damaged state is refused with its cause before the engine is touched, and repair goes back to the last."""
    seed = int(os.environ.get("MOOTHALL_SEED", "0")) or random.randrange(1_000_000)
    chance, good = random.Random(seed), file_of(place).read_bytes()
    calls, harmless = len(Memory.engine.calls), 0
    for number in range(MUTATIONS):
        what, bad = mutated(good, chance)
        file_of(place).write_bytes(bad)
        try:
            found = checkpoint.load(place.backend, PROJECT, place.stack)
        except pulumi_engine.StateCorrupt as refused:
            assert refused.hint == f"moothall state repair {place.stack}", f"seed {seed}, {what}"
            assert str(file_of(place)) in refused.message
            with pytest.raises(pulumi_engine.EngineError):
                place.up(volumes("one"))
        else:  # a flip in what no reader looks at: nothing of the state is different
            harmless += 1
            file_of(place).write_bytes(good)
            assert found == checkpoint.load(place.backend, PROJECT, place.stack), f"seed {seed}, {what}"
            continue
        if number < 3:
            run = place.moothall("state", "repair", place.stack, "--yes")
            assert run.returncode == 0, run.stderr
            assert file_of(place).read_bytes() == good
    print(f"{MUTATIONS} mutations, seed {seed}: {harmless} without any effect, all others refused with their cause")
    assert len(Memory.engine.calls) == calls
    assert harmless < MUTATIONS / 5


def test_repair_asks_and_tells(place: Memory) -> None:
    """A sound state is left alone; a damaged one is not touched until somebody says yes, and is put aside then."""
    assert "is sound; it has 4 resources" in place.moothall("state", "repair", place.stack).stdout
    good = file_of(place).read_bytes()
    file_of(place).write_bytes(good[:-5])
    survey = place.moothall("drift")
    assert (survey.returncode, "moothall state repair" in survey.stderr) == (1, True)

    assert place.moothall("state", "repair", place.stack).returncode == 5
    assert file_of(place).read_bytes() == good[:-5]
    done = place.moothall("state", "repair", place.stack, "--yes")
    assert "it is not a whole checkpoint" in done.stdout
    assert ".." not in done.stdout.replace(str(place.root), "")
    assert "was restored" in done.stdout
    assert file_of(place).read_bytes() == good
    assert file_of(place).with_name(f"{place.stack}.json.damaged-1").read_bytes() == good[:-5]


def test_nothing_sound_is_left(place: Memory) -> None:
    """Then repair names the way that is left."""
    for path in (place.state / ".pulumi").rglob(f"{place.stack}*.json*"):
        path.write_text("{")

    run = place.moothall("state", "repair", place.stack, "--yes")

    assert run.returncode == 1
    assert f"moothall state repair {place.stack} --from-engine" in run.stderr


def test_a_new_passphrase_for_all_of_it(place: Memory) -> None:
    """Checkpoint, backups and old versions open with the new one alone; the resources are the same to the letter."""
    before = [resource["urn"] for resource in place.checkpoint()["resources"]]
    copy = place.backend.folder / "backups" / PROJECT / place.stack / f"{place.stack}.1795942907121533983.json"
    copy.parent.mkdir(parents=True)  # as Pulumi's CLI makes one at each of its runs
    shutil.copy(file_of(place), copy)
    new = place.root / "new-passphrase"
    new.write_text("another passphrase altogether\n")
    new.chmod(0o600)

    refused = place.moothall("keys", "rotate", "--passphrase", "--new-passphrase-file", str(new))
    run = place.moothall("keys", "rotate", "--passphrase", "--new-passphrase-file", str(new), "--yes")

    assert refused.returncode == 5
    assert run.returncode == 0, run.stderr
    assert "another passphrase" not in run.stdout + run.stderr
    assert f"MOOTHALL_PASSPHRASE_FILE={new}" in run.stdout
    files = [path for path in (place.state / ".pulumi").rglob(f"{place.stack}*.json*") if ".history." not in path.name]
    assert len(files) == 5
    for path in files:
        salt = json.loads(path.read_text())["checkpoint"]["latest"]["secrets_providers"]["state"]["salt"]
        Passphrase("another passphrase altogether", salt)
        with pytest.raises(pulumi_engine.BadPassphrase):
            Passphrase("a passphrase of the attackers", salt)
    assert [resource["urn"] for resource in place.checkpoint()["resources"]] == before
    new.rename(place.passphrase_file)
    assert place.moothall("state", "repair", place.stack).returncode == 0


def test_a_new_passphrase_interrupted(place: Memory) -> None:
    """What was sealed before the interruption is left alone by the next attempt, and the rest follows."""
    other = Memory("mhaver2", place.root)
    other.up(volumes("three"))
    rekey(place.backend, "nobody", "x", "y")  # nothing there, nothing to do
    old, new = place.passphrase_file.read_text().strip(), "another passphrase altogether"
    halfway = pulumi_engine.Backend(place.root / "halfway", str)
    shutil.copytree(place.state, halfway.root)
    rekey(halfway, PROJECT, old, new)
    shutil.copy(halfway.checkpoint(PROJECT, place.stack), file_of(place))

    sealed = [path for path in (place.state / ".pulumi").rglob("*.json*") if '"salt"' in path.read_text()]
    assert rekey(place.backend, PROJECT, old, new) == len(sealed) - 1  # all but the one
    assert rekey(place.backend, PROJECT, old, new) == 0
