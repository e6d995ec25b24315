"""A partnership that the real Pulumi CLI stands up with its state in a backend, through the command line.

A folder stands for the bucket; what is advised is typed as it stands there.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.advice.taking import Operator
from tests.fakes.provided import Machine
from tests.pulumi_cli.real_pulumi import SharedMemory, installation

from moothall import paths
from moothall.deploy import elsewhere

pytestmark = pytest.mark.pulumi


class Bucket:
    """A folder elsewhere, and the words that name it."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.folder, self._program = folder, program
        folder.mkdir()
        self.words = ("--engine", "pulumi", "--backend", f"file://{folder}")

    def by_hand(self, operator: Operator, command: str) -> subprocess.CompletedProcess[str]:
        """Do what is advised, in a shell: in a copy of `stacks/` where that is said, else anywhere."""
        stacks = operator.root.parent / "stacks"
        stacks.mkdir(exist_ok=True)
        shutil.copy(paths.PROJECT / "stacks" / "Pulumi.yaml", stacks)
        where = stacks if command.endswith("# in stacks/") else "/"
        environment = {
            **os.environ,
            "PATH": f"{self._program.parent}:{os.environ['PATH']}",
            "PULUMI_HOME": str(operator.root.parent / "home"),
        }
        return subprocess.run(command, shell=True, cwd=where, env=environment, capture_output=True, text=True)


@pytest.fixture
def bucket(machine: Machine, operator: Operator, tmp_path: Path) -> Iterator[Bucket]:
    """The CLI with a plug-in that works on the machine; nothing stands there yet."""
    shared = SharedMemory(installation(tmp_path / "installed"))
    shared.use(machine)  # type: ignore[arg-type]  # all that it asks for is the engine
    machine.engine.objects.clear()
    shutil.rmtree(operator.root / ".moothall")
    operator.patch.setenv("PULUMI_DEBUG_PROVIDERS", f"docker:{shared.port}")
    operator.patch.setenv("MOOTHALL_PULUMI", str(tmp_path / "installed"))
    yield Bucket(tmp_path / "bucket", shared.pulumi.installation.program)
    shared.server.stop(0)


def remembered(operator: Operator) -> set[str]:
    """The stacks of which it is known that their states are elsewhere."""
    return set(elsewhere.of_all(operator.root / ".moothall"))


def test_up_remembers_and_destroy_forgets(operator: Operator, machine: Machine, bucket: Bucket) -> None:
    """In between, who looks into the state directory is told where to go on; what is advised there works."""
    assert operator.type(["up", "--yes", *bucket.words])[0] == 0, operator.shown
    stood = dict(machine.engine.objects)
    stacks = {path.stem for path in bucket.folder.glob(".pulumi/stacks/moothall/*.json")}
    assert remembered(operator) == stacks
    assert not (operator.root / ".moothall/applied").exists() or not list(
        (operator.root / ".moothall/applied").iterdir()
    )

    _, advice = operator.fails("preview")
    assert advice.endswith(f"--engine pulumi --backend file://{bucket.folder}")
    assert operator.type(advice.split()[1:])[0] == 0
    assert "No changes" in operator.shown[0]
    for verb in ("state export", "state history", "state repair", "drift"):
        words = verb.split() if verb == "drift" else [*verb.split(), sorted(stacks)[0]]
        done = bucket.by_hand(operator, operator.fails(*words)[1])
        assert done.returncode == 0, done.stderr + done.stdout

    assert operator.type(["destroy", "--with-data", "--confirm", "dales", *bucket.words])[0] == 0, operator.shown
    assert remembered(operator) == set()
    assert (len(stood) > 10, machine.engine.objects) == (True, {})
    assert operator.type(["preview"])[0] == 0
    assert operator.type(["state", "history"])[0] == 0


def test_a_lock_that_was_left_there_is_taken_away_as_advised(operator: Operator, bucket: Bucket) -> None:
    """`up` says to unlock, `unlock` says how."""
    assert operator.type(["up", "--yes", "--site", "hill", *bucket.words])[0] == 0, operator.shown
    stack = sorted(remembered(operator))[0]
    lock = bucket.folder / ".pulumi/locks/organization/moothall" / stack / "x.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    owner = {"pid": 1, "username": "x", "hostname": "elsewhere", "timestamp": "2008-06-01T00:00:00+00:00"}
    lock.write_text(json.dumps({**owner, "hostname": socket.gethostname()}))

    _, advice = operator.fails("up", "--yes", "--site", "hill", *bucket.words)
    assert advice.startswith(f"moothall unlock {stack}")
    _, by_hand = operator.fails(*advice.partition("#")[0].split()[1:])
    assert bucket.by_hand(operator, by_hand).returncode == 0

    assert not lock.exists()
    assert operator.type(["up", "--yes", "--site", "hill", *bucket.words])[0] == 0, operator.shown


def test_a_backend_that_knows_nothing_of_what_stands_is_refused(
    operator: Operator, machine: Machine, bucket: Bucket
) -> None:
    """Before anything is touched or remembered, whoever named it; as advised it goes on where the state is."""
    assert operator.type(["up", "--yes"])[0] == 0, operator.shown
    calls = list(machine.engine.calls)

    for verb in (["preview"], ["up", "--yes"], ["destroy", "--yes"]):
        _, advice = operator.fails(*verb, *bucket.words)
        assert advice.partition(" --root")[0] == f"moothall {' '.join(verb)} --engine pulumi"
        assert "/.moothall and not in file://" in "".join(operator.shown)
    operator.patch.setenv("MOOTHALL_BACKEND", bucket.words[-1])
    _, advice = operator.fails("preview", "--engine", "pulumi")
    assert advice.partition(" --root")[0] == "env -u MOOTHALL_BACKEND moothall preview --engine pulumi"
    operator.patch.delenv("MOOTHALL_BACKEND")

    assert operator.type(advice.split()[4:])[0] == 0, operator.shown
    assert "No changes" in operator.shown[0]
    assert (machine.engine.calls, remembered(operator)) == (calls, set())


def test_it_is_carried_into_a_backend(operator: Operator, machine: Machine, bucket: Bucket, tmp_path: Path) -> None:
    """As docs/recovery.md says; then Pulumi goes on there, and changes nothing."""
    assert operator.type(["up", "--yes"])[0] == 0, operator.shown
    calls = list(machine.engine.calls)
    passphrase = operator.root.parent / "config/moothall/passphrase"
    variables = f"PULUMI_BACKEND_URL=file://{bucket.folder} PULUMI_CONFIG_PASSPHRASE_FILE={passphrase}"
    for stack in sorted(file.stem for file in (operator.root / ".moothall/.pulumi/stacks/moothall").glob("*.json")):
        assert operator.type(["state", "export", stack])[0] == 0, operator.shown
        (tmp_path / "exported.json").write_text(operator.shown[0])
        for command in (f"init {stack}", f"import --stack {stack} --file {tmp_path}/exported.json"):
            done = bucket.by_hand(operator, f"{variables} pulumi stack {command}  # in stacks/")
            assert done.returncode == 0, done.stderr + done.stdout

    assert operator.type(["up", "--yes", *bucket.words])[0] == 0, operator.shown
    assert "No changes" in operator.shown[0]
    assert machine.engine.calls == calls
    assert remembered(operator)


def test_it_comes_home(operator: Operator, machine: Machine, bucket: Bucket, tmp_path: Path) -> None:
    """Each state is exported as advised and imported; then the embedded engine goes on, and changes nothing."""
    assert operator.type(["up", "--yes", *bucket.words])[0] == 0, operator.shown
    calls = list(machine.engine.calls)
    for stack in sorted(remembered(operator)):
        exported = tmp_path / "exported.json"
        exported.write_text(bucket.by_hand(operator, operator.fails("state", "export", stack)[1]).stdout)
        assert operator.type(["state", "import", stack, str(exported)])[0] == 0, operator.shown

    assert remembered(operator) == set()
    assert operator.type(["up", "--yes"])[0] == 0, operator.shown
    assert "No changes" in operator.shown[0]
    assert machine.engine.calls == calls
