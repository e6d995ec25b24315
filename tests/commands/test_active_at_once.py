"""Where an instance is served is recorded under the lock of every change, and nobody who is asked holds a switch up."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.commands.front_door import sound_root
from tests.commands.test_changes_at_once import begun, somebody_else
from tests.waiting import wait_until

from moothall.compilation import compile_all
from moothall.failures import OK, OperationError
from moothall.language.edit import active_file
from moothall.language.edit.active_file import text
from moothall.model.written import Active
from moothall.operations.context import Context
from moothall.operations.switchover import record as recording
from moothall.operations.switchover.switchover_context import SwitchoverContext
from moothall.ports import Silent
from moothall.source import Document, Origin
from moothall.validation.validate import validate

DAY = date(2007, 6, 1)
FILE = "partnerships/dales/active.yaml"


class Heard(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        """Nothing is said yet."""
        self.said: list[str] = []

    def stage(self, text: str) -> None:
        """Keep it."""
        self.said.append(text)


def active(instance: str) -> Active:
    """Return that an instance is served by the other site."""
    return Active(instance, "vale", "2007-06-01T12:00:00Z", 2, "a test", Origin(Document("", {}, {})))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a sound root."""
    return sound_root(tmp_path)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Return what records beside the test."""
    with ThreadPoolExecutor(2) as made:
        yield made


def scene(root: Path, instance: str) -> SwitchoverContext:
    """Return what is known of a switch when it is recorded."""
    [plan] = compile_all(validate(root, DAY).definitions, DAY)
    [mirror] = plan.mirrors
    return SwitchoverContext(plan, replace(mirror, instance=instance), None, None, {}, {}, {})  # type: ignore[arg-type]


def record(root: Path, instance: str, heard: Heard) -> str:
    """Record what a switch of an instance came to."""
    return recording.record(Context(root, root, DAY, heard), scene(root, instance), active(instance))


def test_what_was_written_meanwhile_stays(root: Path, pool: ThreadPoolExecutor) -> None:
    """A switch waits for the change that is under way, says so, and keeps what it reads then."""
    heard = Heard()
    with somebody_else(root):
        done = pool.submit(record, root, "ledger", heard)
        wait_until(lambda: heard.said, "it says that it waits")
        assert not (root / FILE).exists()
        (root / FILE).write_text(text({"payroll": active("payroll")}), encoding="utf-8")

    assert done.result(60) == FILE
    assert heard.said == [f"waiting: somebody else is changing what is in {root / 'partnerships'}"]
    assert (root / FILE).read_text(encoding="utf-8") == text({name: active(name) for name in ("ledger", "payroll")})


def test_nobody_who_is_asked_holds_a_switch_up(
    root: Path, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two switches at once, beside somebody who never answers: both are recorded."""
    monkeypatch.setattr(recording, "PATIENCE", 0.3)
    both = [Heard(), Heard()]
    with somebody_else(root):
        list(pool.map(record, [root] * 2, ["ledger", "payroll"], both))

        assert (root / FILE).read_text(encoding="utf-8") == text({name: active(name) for name in ("ledger", "payroll")})
    for heard in both:
        assert [line.split(":")[0].split(" for ")[0] for line in heard.said] == ["waiting", "not waiting any longer"]


def test_a_change_waits_for_the_record(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is recorded is there when the next change of the definitions reads them."""
    writing: list[subprocess.Popen[str]] = []
    write = active_file.write

    def slowly(*words: object) -> None:
        process = begun(root, "onboard", "carlby", "--yes", "--site", "hill")
        writing.append(process)
        assert process.stderr
        assert "waiting: somebody else is changing" in process.stderr.readline()
        write(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(active_file, "write", slowly)

    record(root, "ledger", Heard())

    [process] = writing
    _, said = process.communicate(timeout=300)
    assert process.returncode == OK, said


def test_a_folder_that_is_gone_is_told(root: Path) -> None:
    """Whoever renames a partnership while it is switched is told of no internal error."""
    at = scene(root, "ledger")
    (root / "partnerships" / "dales").rename(root / "partnerships" / "elsewhere")

    with pytest.raises(OperationError, match=r"active\.yaml cannot be written: No such file") as told:
        recording.record(Context(root, root, DAY, Heard()), at, active("ledger"))

    assert told.value.hint


@pytest.mark.parametrize("text", ["<<<<<<< ours\nspec: {}\n", "spec: [", "kind: Active\n", "", "\xff"])
def test_what_is_broken_meanwhile_is_not_written_over(root: Path, text: str) -> None:
    """It may say which other instances are failed over; the switch is told to be made."""
    at = scene(root, "ledger")
    (root / FILE).write_text(text, encoding="latin-1")

    with pytest.raises(OperationError, match=r"made and not recorded: partnerships/dales/active\.yaml was changed"):
        recording.record(Context(root, root, DAY, Heard()), at, active("ledger"))

    assert (root / FILE).read_text(encoding="latin-1") == text
