"""Attacks on running work. After each the next run completes by itself: no orphan, no double, no volume lost.

`make campaign` sets the numbers of the full campaign; what each came to is printed.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.attack.ground import PROJECT, Ground, working
from tests.live.helpers.machines import Machine
from tests.pulumi_engine.lab import IMAGE

from moothall.pulumi_engine.observe import drift_scan
from moothall.pulumi_engine.state import checkpoint
from moothall.pulumi_engine.state.unlocking import locks

if TYPE_CHECKING:
    import docker

pytestmark = pytest.mark.live
WORKER = Path(__file__).with_name("worker.py")
PARTS = ("app", "app-files", "app-files-volume", "data", "job", "net")


def number(name: str, short: int) -> int:
    """How often an attack is made: what the environment says, or the short form."""
    return int(os.environ.get(f"MOOTHALL_{name}", str(short)))


def chances() -> random.Random:
    """A source of chance whose seed is printed, and may be given."""
    seed = int(os.environ.get("MOOTHALL_SEED", "0")) or random.randrange(1_000_000)
    print(f"seed {seed}")
    return random.Random(seed)


def begin(ground: Ground, what: str, env: str, stack: str = "", subnet: str | None = None) -> subprocess.Popen[str]:
    """Start a worker and wait until its work begins."""
    addresses = ground.subnet(int(env)) if subnet is None else subnet
    words = [sys.executable, str(WORKER), str(ground.root), ground.prefix, stack or ground.stack, what, env, addresses]
    process = subprocess.Popen(
        [*words, ground.host],
        env=os.environ | {"PYTHONPATH": str(WORKER.parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def birth(client: docker.APIClient, volume: str) -> str:
    """What tells a volume from one recreated: inode and time of birth of its folder."""
    folder = Path(client.inspect_volume(volume)["Mountpoint"]).parent
    return subprocess.run(["stat", "-c", "%i %W", folder], capture_output=True, text=True, check=True).stdout


def assert_whole(ground: Ground, client: docker.APIClient, env: str) -> None:
    """One more up completes; then everything is there once, nothing is left to do, and nobody holds a lock."""
    done = ground.up(working(env, ground.subnet(int(env))))
    assert done.status == "succeeded", done.failures
    assert ground.names(client) == [ground.name(part) for part in PARTS]
    assert "pending_operations" not in ground.checkpoint()
    assert not ground.preview(working(env, ground.subnet(int(env)))).changes
    [stack] = drift_scan.drift(PROJECT, ground.backend, "moothall.owner", lambda _: True, lambda _: None)
    assert stack.differences == ()
    assert locks(ground.backend, PROJECT) == ()


def test_killed(ground: Ground, client: docker.APIClient) -> None:
    """kill -9 at random moments of up, destroy and drift."""
    chance, ends = chances(), Counter[str]()
    ground.up(working("1", ground.subnet(1)))
    born, env = birth(client, ground.name("data")), "1"
    for _ in range(number("KILLS", 4)):
        what = chance.choice(["up", "up", "destroy", "drift"])
        env = "2" if env == "1" else "1"
        process = begin(ground, what, env)
        time.sleep(chance.uniform(0, {"up": 3.0, "destroy": 0.6, "drift": 0.6}[what]))
        process.kill()
        process.communicate()
        ends[f"{what} {'killed' if process.returncode == -9 else 'ended before'}"] += 1
        checkpoint.load(ground.backend, PROJECT, ground.stack)

        assert_whole(ground, client, env)
        assert birth(client, ground.name("data")) == born
    print(dict(ends))


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("times", [1, 2])
def test_interrupted(ground: Ground, client: docker.APIClient, sign: signal.Signals, times: int) -> None:
    """Once: what runs is finished, the lock is gone, the code says interrupted. Twice: it ends at once."""
    chance, codes, env = chances(), Counter[int | None](), "1"
    for _ in range(number("SIGNALS", 1)):
        env = "2" if env == "1" else "1"
        process = begin(ground, "up", env)
        time.sleep(chance.uniform(0.2, 1.5))
        for again in range(times):
            time.sleep(0.05 * again)
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(sign)
        out = process.communicate(timeout=60)[0]
        codes[process.returncode] += 1
        assert process.returncode in ((0, 130) if times == 1 else (0, 130, -sign)), out
        if times == 1:
            assert locks(ground.backend, PROJECT) == ()

        assert_whole(ground, client, env)
    print(dict(codes))


def test_pairs_at_once(ground: Ground, client: docker.APIClient) -> None:
    """Two ups on one stack: never two writers; who comes second is told so with exit 5, and nothing is torn."""
    codes = Counter[tuple[int, ...]]()
    for _ in range(number("PAIRS", 2)):
        pair = [begin(ground, "up", env) for env in ("1", "2")]
        outs = [process.communicate(timeout=120)[0] for process in pair]
        ended = tuple(sorted(process.returncode for process in pair))
        codes[ended] += 1
        assert set(ended) <= {0, 5}, outs
        assert 0 in ended, outs

        assert_whole(ground, client, "1")
    print(dict(codes))


def test_many_stacks_at_once(ground: Ground, client: docker.APIClient) -> None:
    """Stacks of one state at the same time: each ends well, and holds its own objects and no other's."""
    grounds = [Ground(f"{ground.prefix}{n}", ground.root) for n in range(number("STACKS", 4))]
    try:
        processes = [begin(each, "up", "1", subnet="") for each in grounds]
        outs = [process.communicate(timeout=300)[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * len(grounds), outs
        for each in grounds:
            assert each.names(client) == [each.name(part) for part in PARTS]
            assert not each.preview(working("1", "")).changes
    finally:
        for each in grounds:
            each.clear(client)


@pytest.fixture
def full_disk(ground: Ground) -> Iterator[Path]:
    """The state directory in a memory file system of its own, which can be made larger."""
    if os.geteuid():
        pytest.skip("only root mounts file systems")
    ground.state.mkdir()
    resize(ground.state, 64, "")
    yield ground.state
    subprocess.run(["umount", str(ground.state)], check=True)


def resize(folder: Path, kilobytes: int, how: str = "remount,") -> None:
    """Give the folder's file system a size."""
    words = ["mount", "-t", "tmpfs", "-o", f"{how}size={kilobytes}k", "tmpfs", str(folder)]
    subprocess.run(words, check=True, capture_output=True)


def test_full_disk(ground: Ground, client: docker.APIClient, full_disk: Path) -> None:
    """The state's disk is full at every moment of an up: a clear end, a state that can be read, and then room."""
    ground.passphrase_file  # noqa: B018  # it is written beside the state, where there is room
    ends = Counter[int]()
    steps = number("DISK_STEPS", 3)
    for step in range(steps):
        room = 4 + 4 * step if steps > 3 else (4, 24, 44)[step]
        resize(full_disk, used(full_disk) + room)
        process = begin(ground, "up", "1" if step % 2 else "2")
        out = process.communicate(timeout=120)[0]
        ends[process.returncode] += 1
        assert "Traceback" not in out
        assert process.returncode in (0, 1), out
        assert process.returncode == 0 or "No space left on device" in out
        checkpoint.load(ground.backend, PROJECT, ground.stack)

        resize(full_disk, 4096)
        assert_whole(ground, client, "1" if step % 2 else "2")
    print(dict(ends))


@pytest.fixture
def machine(ground: Ground, client: docker.APIClient) -> Iterator[Machine]:
    """A machine of our own with the engine's test image."""
    if os.geteuid() or not shutil.which("dockerd"):
        pytest.skip("only root starts an engine, where there is one to start")
    made = Machine("attacked")
    made.clear()
    try:
        made.make()
        with contextlib.closing(made.client()) as own:
            own.images.load(client.get_image(IMAGE))
        yield made
    finally:
        made.clear()


def test_engine_restarted(ground: Ground, machine: Machine) -> None:
    """The engine itself is killed and started again in the middle of an up; nothing is taken for deleted."""
    chance, codes = chances(), Counter[int]()
    there = Ground(ground.prefix, ground.root, machine.endpoint)
    with contextlib.closing(machine.client()) as own:
        assert_whole(there, own.api, "1")
        born = birth(own.api, there.name("data"))
    env = "1"
    for _ in range(number("RESTARTS", 2)):
        env = "2" if env == "1" else "1"
        process = begin(there, "up", env)
        time.sleep(chance.uniform(0.3, 2.5))
        machine.kill()
        unseen = drift_scan.drift(PROJECT, there.backend, "moothall.owner", lambda _: True, lambda _: None)
        out = process.communicate(timeout=200)[0]
        codes[process.returncode] += 1
        assert process.returncode in (0, 1), out
        assert [(stack.differences, bool(stack.unreachable)) for stack in unseen] == [((), True)]
        machine.start()

        with contextlib.closing(machine.client()) as own:
            assert_whole(there, own.api, env)
            assert birth(own.api, there.name("data")) == born
    print(dict(codes))


def used(folder: Path) -> int:
    """Kilobytes that the folder's file system holds."""
    found = os.statvfs(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize // 1024
