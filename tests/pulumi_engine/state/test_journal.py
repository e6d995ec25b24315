"""The journal of a running operation: what a killed run leaves in it, damaged and not, and who makes it the state."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.pulumi_engine.lab import PROJECT, ops
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall import pulumi_engine
from moothall.pulumi_engine.state import checkpoint, exporting, journal, lock, repair
from moothall.pulumi_engine.steps.observer import SILENT

NAMES = ("one", "two", "three", "four")
STACK = "dev"


def volumes(*names: str) -> Callable[[Any], None]:
    """A program of volumes, one after the other, and a secret."""

    def declare(w: Any) -> None:
        before: list[Any] = []
        for name in names:
            before = [w.volume(name, w.pulumi.ResourceOptions(depends_on=before))]
        w.pulumi.export("secret", w.pulumi.Output.secret("s3cr3t"))

    return declare


@pytest.fixture
def lab(tmp_path: Path) -> MemoryLab:
    """A lab without Docker."""
    return MemoryLab(tmp_path / "whole")


@pytest.fixture
def killed(lab: MemoryLab, tmp_path: Path) -> MemoryLab:
    """A lab as it is when the process dies while the second of two more volumes is being made."""
    lab.up(volumes(*NAMES[:2]))
    left = MemoryLab(tmp_path / "killed")

    def on_create(name: str) -> None:
        if name == lab.name("four"):
            shutil.copytree(lab.root, left.root)
            left.engine.objects = dict(lab.engine.objects)

    lab.engine.on_create = on_create
    lab.up(volumes(*NAMES))
    return left


def path_of(lab: MemoryLab) -> Path:
    """The journal."""
    return lab.backend.journal(PROJECT, STACK)


def names(lab: MemoryLab) -> tuple[set[str], set[str]]:
    """The volumes that the state records, and those whose making it announces."""
    found = checkpoint.load(lab.backend, PROJECT, STACK)
    recorded = {resource.name for resource in found.resources if resource.name}
    return recorded, {item.resource.name for item in found.pending}


def test_what_a_killed_run_did_is_known(killed: MemoryLab) -> None:
    """The checkpoint is as it was at the start, the rest is in the journal; the next run completes and folds it."""
    volume = [name for name in (killed.resources()) if name in NAMES]
    assert volume == ["one", "two"]
    assert names(killed) == ({killed.name(name) for name in NAMES[:3]}, {killed.name("four")})
    assert ops(killed.preview(volumes(*NAMES))) == {"four": "create"}
    assert pulumi_engine.survey(PROJECT, killed.backend).stacks[0].pending == 1

    assert killed.up(volumes(*NAMES)).status == "succeeded"
    assert killed.engine.calls == [("create", killed.name("four"))]
    assert not path_of(killed).exists()
    assert set(NAMES) < killed.resources().keys()
    assert "pending_operations" not in killed.checkpoint()


def test_a_first_run_that_was_killed_is_listed(lab: MemoryLab, tmp_path: Path) -> None:
    """A stack without a checkpoint has one before its first call is made, and the sealed secrets open with its salt."""
    left = MemoryLab(tmp_path / "killed")
    lab.engine.on_create = lambda name: shutil.copytree(lab.root, left.root) and None
    lab.up(volumes("one"))

    assert left.backend.stacks(PROJECT) == [STACK]
    assert names(left) == (set(), {left.name("one")})


def test_steps_cost_the_same_in_a_large_stack(lab: MemoryLab) -> None:
    """While a run goes on nothing but the journal grows, by the same for the hundredth volume as for the tenth."""
    sizes: list[tuple[int, int]] = []

    def on_create(name: str) -> None:
        path = lab.backend.checkpoint(PROJECT, STACK)
        sizes.append((path_of(lab).stat().st_size, path.stat().st_size))

    lab.engine.on_create = on_create
    lab.up(volumes(*(f"v{number:03}" for number in range(100))))
    steps = [after[0] - before[0] for before, after in itertools.pairwise(sizes)]

    assert {size for _, size in sizes} == {sizes[0][1]}
    usual, _ = Counter(steps).most_common(1)[0]
    assert usual < 1500
    alike = [step for step in steps if abs(step - usual) < 20]  # a time that ends in noughts is told without them
    assert len(alike) >= len(steps) - 3  # the first writes the stack and the provider too, another the stack's outputs


def test_a_torn_last_line_is_passed_over(killed: MemoryLab) -> None:
    """Wherever the last line was cut, the state is that of the lines before it."""
    whole = path_of(killed).read_bytes()
    start = whole[:-1].rindex(b"\n") + 1
    for end in range(start, len(whole) - 1, 97):
        path_of(killed).write_bytes(whole[:end])
        assert names(killed) == ({killed.name(name) for name in NAMES[:3]}, set())
    path_of(killed).write_bytes(whole[: whole.index(b"\n") // 2])  # not even the first line is whole
    assert names(killed) == ({killed.name(name) for name in NAMES[:2]}, set())
    assert killed.up(volumes(*NAMES[:2])).status == "succeeded"
    assert not path_of(killed).exists()


def test_a_damaged_line_is_refused(killed: MemoryLab) -> None:
    """A changed bit anywhere, a line too few, one twice: refused with its cause, and nothing is touched."""
    whole, chance = path_of(killed).read_bytes(), random.Random(1)
    lines = whole.splitlines(keepends=True)
    flips = [at for at in (chance.randrange(len(whole)) for _ in range(60)) if whole[at : at + 1] != b"\n"]
    wrong = [whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(3)]) + whole[at + 1 :] for at in flips]
    wrong += [b"".join([*lines[:2], *lines[3:]]), b"".join([*lines[:2], lines[1], *lines[2:]])]
    for bad in wrong:
        path_of(killed).write_bytes(bad)
        with pytest.raises(pulumi_engine.StateCorrupt, match=path_of(killed).name) as caught:
            killed.up(volumes(*NAMES))
        assert caught.value.hint == f"moothall state repair {STACK}"
    assert killed.engine.calls == []


def test_repair_goes_back_to_before_a_damaged_journal(killed: MemoryLab) -> None:
    """The state as the run found it is the newest sound one; what was made since is found again by its label."""
    path_of(killed).write_bytes(path_of(killed).read_bytes().replace(b"settle", b"settl3", 1))
    state, *others = repair.examine(killed.backend, PROJECT, STACK)

    assert "line" in state.wrong
    assert (others[0].what, others[0].wrong) == ("the state without its journal", "")
    repair.restore(killed.backend, PROJECT, STACK, others[0].path)
    assert path_of(killed).with_name(f"{path_of(killed).name}.damaged-1").exists()
    assert killed.up(volumes(*NAMES)).status == "succeeded"
    assert killed.engine.calls == [("create", killed.name("four"))]  # the third was there, and was taken up


def test_a_state_that_somebody_else_changed_is_refused(killed: MemoryLab) -> None:
    """Whoever broke the lock and wrote the checkpoint meanwhile did not know of the journal."""
    path = killed.backend.checkpoint(PROJECT, STACK)
    path.write_text(path.read_text() + " ")

    with pytest.raises(pulumi_engine.StateCorrupt, match="did not know of it"):
        killed.up(volumes(*NAMES))


def test_killed_between_folding_and_removing(killed: MemoryLab) -> None:
    """A checkpoint that holds its journal already does not get it twice."""
    kept = path_of(killed).read_bytes()
    folded = checkpoint.fold(killed.backend, PROJECT, STACK)
    path_of(killed).write_bytes(kept)

    found = checkpoint.load(killed.backend, PROJECT, STACK)
    assert (found.resources, found.pending) == (folded.resources, folded.pending)
    checkpoint.fold(killed.backend, PROJECT, STACK)
    assert not path_of(killed).exists()


def test_who_hands_over_folds(killed: MemoryLab) -> None:
    """An export holds everything, and so does the checkpoint afterwards; while somebody works it stays as it is."""
    with lock.hold(killed.backend, PROJECT, STACK, SILENT):
        held = exporting.export(killed.backend, PROJECT, STACK)
    assert path_of(killed).exists()
    assert (
        exporting.export(killed.backend, PROJECT, STACK)["deployment"]["resources"] == held["deployment"]["resources"]
    )

    assert not path_of(killed).exists()
    assert [item["type"] for item in killed.checkpoint()["pending_operations"]] == ["creating"]


def test_the_lock_stays_while_a_journal_does(killed: MemoryLab) -> None:
    """Pulumi reads no journal, so it must be stopped by the lock; the next run of ours takes it over."""
    with lock.hold(killed.backend, PROJECT, STACK, SILENT):
        pass
    assert len(list(killed.backend.locks(PROJECT, STACK).glob("*.json"))) >= 1

    killed.up(volumes(*NAMES))
    assert list(killed.backend.locks(PROJECT, STACK).glob("*.json")) == []


def test_a_journal_of_something_else_is_refused(killed: MemoryLab) -> None:
    """Of another stack, of a format to come, with a move that nobody knows."""
    path_of(killed).unlink()
    sealed = checkpoint.digest(killed.backend, PROJECT, STACK)
    for stack, move, why in (("other", {"forget": True}, "no journal of dev"), (STACK, {"fly": 1}, "'fly'")):
        made = journal.Journal(path_of(killed), stack, str(sealed))
        made.add([move])
        made.close()
        with pytest.raises(pulumi_engine.StateCorrupt, match=why):
            checkpoint.load(killed.backend, PROJECT, STACK)
        path_of(killed).unlink()


def test_a_new_passphrase_covers_the_journal(killed: MemoryLab) -> None:
    """What a killed run sealed is folded in before everything is sealed anew."""
    from moothall.pulumi_engine.state.rekeying import rekey

    rekey(killed.backend, PROJECT, killed.backend.passphrase(), "another passphrase")

    assert not path_of(killed).exists()
    assert "three" in json.dumps(killed.checkpoint()["resources"])
