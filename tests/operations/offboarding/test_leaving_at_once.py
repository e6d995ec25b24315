"""Who carries a council out is alone with what holds its data, and with the folder of its export."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.fakes.dales import DAY, GONE, PRIMARY
from tests.fakes.machine import Machine
from tests.operations.offboarding.desk import Desk, Results

from moothall import cli
from moothall.deploy.deployment import PROJECT
from moothall.failures import BLOCKED, OperationError
from moothall.file_lock import try_lock
from moothall.model.outcome import PASSED, Report
from moothall.operations.context import Context
from moothall.operations.offboarding import manifest
from moothall.operations.offboarding.folder_lock import hold_folder
from moothall.operations.offboarding.proof import is_proved
from moothall.operations.offboarding.standalone import rehearse
from moothall.operations.offboarding.steps import StepOptions
from moothall.operations.secrets import state_passphrase
from moothall.ports import Silent
from moothall.pulumi_engine import Backend
from moothall.pulumi_engine.errors import Locked
from moothall.pulumi_engine.state import lock

STACKS = ["dales.ledger.hill", "dales.ledger.vale", "dales.carlin.hill", "dales.carlin.vale"]
"""The instance's, and the council's own: at its site, and at that of the mirror."""
STEPS: dict[str, tuple[date, Callable[[Desk], Results]]] = {
    "freeze": (DAY, Desk.freeze),
    "thaw": (DAY, Desk.thaw),
    "export": (DAY, Desk.export),
    "remove": (GONE, Desk.remove),
}
CHILD = """\
import sys
from pathlib import Path
from moothall.operations.offboarding.folder_lock import hold_folder
with hold_folder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(params=STEPS)
def step(request: pytest.FixtureRequest, desk: Desk) -> Callable[[], Results]:
    """A step of leaving, for which all that it needs is there."""
    day, do = STEPS[request.param]
    if request.param == "remove":
        desk.export()
    desk.day = day
    desk.machine.done.clear()
    return lambda: do(desk)


def backend(context: Context) -> Backend:
    """Return where the locks of a request are."""
    return Backend(context.state, state_passphrase)


def held_stacks(context: Context) -> list[str]:
    """Return the stacks on which nobody else may work now."""
    held = []
    for stack in STACKS:
        try:
            with lock.hold_all(backend(context), PROJECT, [stack]):
                pass
        except Locked:
            held.append(stack)
    return held


@pytest.mark.parametrize("stack", STACKS)
def test_somebody_else_works_on_a_stack(desk: Desk, step: Callable[[], Results], stack: str) -> None:
    """Nothing is touched, and it is told who that is, since when, and what leads on; afterwards it is done."""
    with lock.hold_all(backend(desk.context), PROJECT, [stack]), pytest.raises(Locked) as failed:
        step()
    assert f"Stack {stack} is locked by process" in failed.value.message
    assert (failed.value.host, failed.value.since[:2]) == (socket.gethostname(), "20")
    assert (failed.value.exit_code, failed.value.state) == (BLOCKED, "Nothing was touched.")
    assert failed.value.hint.startswith(f"moothall unlock {stack}")
    assert desk.machine.done == []

    assert all(each.status == PASSED for each in step())


def test_nobody_else_works_meanwhile(desk: Desk, step: Callable[[], Results], monkeypatch: pytest.MonkeyPatch) -> None:
    """At every step `up`, a restore and a failover would be told that somebody is at work; at the end they are not."""
    genuine, seen = desk.machine.step, []

    def looked_at(what: str) -> None:
        seen.append(held_stacks(desk.context))
        genuine(what)

    monkeypatch.setattr(desk.machine, "step", looked_at)
    step()
    assert seen
    assert all(held == STACKS for held in seen)
    assert held_stacks(desk.context) == []


def test_the_lock_of_somebody_who_died(desk: Desk, step: Callable[[], Results]) -> None:
    """It holds nobody up."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    folder = backend(desk.context).locks(PROJECT, STACKS[0])
    folder.mkdir(parents=True, exist_ok=True)
    owner = {"pid": dead.pid, "username": "x", "hostname": socket.gethostname(), "timestamp": "2008-06-01T09:00:00Z"}
    (folder / "one.json").write_text(json.dumps(owner))

    assert all(each.status == PASSED for each in step())
    assert list(folder.iterdir()) == []


def test_steps_of_one_command_do_not_lock_each_other_out(desk: Desk) -> None:
    """Each after the other, under the same locks."""
    handed_over = desk.carry_out(StepOptions(freeze=True, yes=True, export=desk.target))
    assert all(each.status == PASSED for each in handed_over)
    desk.day = GONE
    removed = desk.carry_out(StepOptions(export=desk.target, remove=desk.target, confirm="carlin"))
    assert all(each.status == PASSED for each in removed)
    assert "carlin" not in desk.machine.cluster(PRIMARY).databases


def test_a_question_keeps_nobody_from_working(desk: Desk) -> None:
    """Somebody who is asked whether to freeze may be at lunch."""
    asked = []

    class Asked(Silent):
        def ask(self, answer: Report, question: str) -> str | None:
            asked.append(held_stacks(desk.context))
            return "yes"

    desk.context = desk.context._replace(progress=Asked())
    desk.freeze(yes=False)
    assert asked == [[]]


@pytest.mark.parametrize(
    "words",
    [["--freeze", "--yes"], ["--thaw"], ["--export", "DIR"], ["--remove", "DIR", "--confirm", "carlin"]],
)
def test_a_step_that_is_typed_at_the_same_time(
    stood: Path, machine: Machine, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends as blocked, and says who is at work."""
    typed = [word.replace("DIR", str(tmp_path / "export")) for word in words]
    with lock.hold_all(Backend(stood / ".moothall", state_passphrase), PROJECT, ["dales.ledger.vale"]):
        code = cli.main(["decommission", "carlin", *typed, "--root", str(stood), "--as-of", DAY.isoformat()])
    assert code == BLOCKED
    assert "Stack dales.ledger.vale is locked by process" in capsys.readouterr().err
    assert machine.done == []


class Interfering(Silent):
    """Whenever a stage begins, somebody else does something."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.do = do
        self.failures: list[OperationError] = []

    def stage(self, text: str) -> None:
        """Have it done."""
        with pytest.raises(OperationError) as failed:
            self.do()
        self.failures.append(failed.value)


@pytest.mark.parametrize("council", ["carlin", "alston"])
def test_two_exports_into_one_folder(desk: Desk, tmp_path: Path, council: str) -> None:
    """The second one, of whichever council and from whichever state, touches nothing of the first, whose proof is of
    its own files."""
    other = Desk(desk.context._replace(state=tmp_path / "another"), desk.machine, tmp_path)
    interfering = Interfering(lambda: other.export(council))
    desk.context = desk.context._replace(progress=interfering)

    assert all(each.status == PASSED for each in desk.export())

    assert len(interfering.failures) == 2, "while it is exported, and while it is proved"
    for failure in interfering.failures:
        assert failure.message.startswith(f"{desk.target} is worked on by process ")
        assert (failure.exit_code, failure.state) == (BLOCKED, "Nothing was touched.")
        assert failure.hint
    assert manifest.read(desk.target)["council"]["name"] == "carlin"
    assert manifest.find_deviations(desk.target, manifest.read(desk.target)) == []
    assert is_proved(desk.target)


@pytest.mark.parametrize("content", ["", "[]", '{"pid": 1}'])
def test_a_folder_that_is_held_by_nobody_knows_whom(tmp_path: Path, content: str) -> None:
    """The file is somebody else's: what it says may be anything."""
    lock_file = tmp_path / ".export.lock"
    lock_file.write_text(content)
    with lock_file.open() as file:
        assert try_lock(file.fileno())
        with pytest.raises(OperationError, match=r"is worked on by somebody$"), hold_folder(tmp_path / "export"):
            pass


@pytest.fixture
def holder(desk: Desk) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds the folder of the export."""
    command = [sys.executable, "-c", CHILD, str(desk.target)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    assert child.stdout.readline() == "held\n"
    yield child
    child.kill()
    child.communicate()


def test_another_process_is_at_the_folder_and_dies(desk: Desk, holder: subprocess.Popen[str]) -> None:
    """It is named; when it was killed nobody has to clear anything away."""
    with pytest.raises(OperationError) as failed:
        desk.export()
    assert f"process {holder.pid} on {socket.gethostname()} since 20" in failed.value.message
    assert desk.machine.done == []
    assert not desk.target.exists()

    holder.kill()
    holder.wait()
    assert (desk.target.parent / ".export.lock").exists()
    desk.export()
    assert is_proved(desk.target)
    assert not (desk.target.parent / ".export.lock").exists()


def test_a_folder_is_the_same_by_every_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a link and as a relative path; another one beside it is another one."""
    (tmp_path / "export").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "export")
    monkeypatch.chdir(tmp_path / "export")
    with hold_folder(tmp_path / "export"), hold_folder(tmp_path / "other"):
        for name in (tmp_path / "link", Path(), Path("../export")):
            with pytest.raises(OperationError, match="is worked on by process"), hold_folder(name):
                pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export", "link"]


def test_an_export_into_the_folder_where_one_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.` is a folder as well."""
    desk.target.mkdir()
    monkeypatch.chdir(desk.target)
    target, desk.target = desk.target, Path()
    assert all(each.status == PASSED for each in desk.export())
    assert is_proved(target)


def test_a_rehearsal_does_not_read_what_is_exchanged(desk: Desk) -> None:
    """While the folder is held it is refused, and takes nothing of another rehearsal down."""
    desk.export()
    beside = desk.target.parent / ".export.alone"
    beside.mkdir()
    with hold_folder(desk.target), pytest.raises(OperationError, match="is worked on by process") as failed:
        rehearse(desk.context, "carlin", desk.target, keep_standing=False)
    assert failed.value.exit_code == BLOCKED
    assert beside.exists()
