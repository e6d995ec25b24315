"""Files written in one step: killed, without room, with a link in the way, and by two processes at once."""

from __future__ import annotations

import errno
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from moothall.atomic_file import create, replace, sweep
from moothall.language.edit import files
from moothall.pulumi_engine import Backend
from moothall.pulumi_engine.errors import StateNotWritten
from moothall.pulumi_engine.state import checkpoint
from moothall.pulumi_engine.state.snapshot import Snapshot

Write = Callable[[Path, bytes], object]
OLD, NEW = b"old", b"new" * 100_000
WRITES: dict[str, Write] = {
    "durable": partial(replace, durable=True),
    "not durable": partial(replace, durable=False),
    "keeps its mode": partial(replace, durable=True, keeps_access=True),
    "with a backup": lambda path, content: replace(path, content, durable=True, backup=path.with_name("backup")),
}
every_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """The umask of somebody who shares with a group."""
    before = os.umask(0o002)
    yield
    os.umask(before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is there already, of mode 0640."""
    place = tmp_path / "file"
    place.write_bytes(OLD)
    place.chmod(0o640)
    return place


def names(folder: Path) -> set[str]:
    """What is in a folder."""
    return {entry.name for entry in folder.iterdir()}


def mode(path: Path) -> int:
    """Who may read and write a file."""
    return path.stat().st_mode & 0o7777


def dead_pid() -> int:
    """The number of a process that is no more."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file become larger than some bytes: a write ends in the middle, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def run_hooked(path: Path, call: str, hook: str) -> subprocess.CompletedProcess[str]:
    """Run a call in a process whose audit hook, with `event` and `arguments`, does something at a certain moment."""
    program = f"""
    import os, signal, sys
    from pathlib import Path
    from moothall.atomic_file import create, replace
    path = Path(sys.argv[1])
    def hook(event, arguments):
        {hook}
    sys.addaudithook(hook)
    {call}
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(path)]
    return subprocess.run(command, capture_output=True, text=True)


def kill_at(path: Path, call: str, moment: str) -> None:
    """Have a process killed right before it makes a call of the system that is audited under this name."""
    hook = f"event == {moment!r} and os.kill(os.getpid(), signal.SIGKILL)"
    assert run_hooked(path, call, hook).returncode == -signal.SIGKILL


class TestAccess:
    """Who may read what was written."""

    def test_for_its_owner_alone_whatever_was_there(self, path: Path) -> None:
        """Also in place of one that others could read."""
        replace(path, NEW, durable=False)
        assert (path.read_bytes(), mode(path), names(path.parent)) == (NEW, 0o600, {"file"})

    def test_as_the_one_before(self, path: Path) -> None:
        """Mode and owner; there must be one."""
        if not os.geteuid():
            os.chown(path, 1234, 4321)
        path.chmod(0o4751)
        before = path.stat()
        replace(path, NEW, durable=False, keeps_access=True)
        after = path.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
        with pytest.raises(FileNotFoundError):
            replace(path.with_name("other"), NEW, durable=False, keeps_access=True)

    def test_a_new_one(self, tmp_path: Path) -> None:
        """Private, or of a mode of which the umask takes its part."""
        assert create(tmp_path / "private", NEW, durable=True)
        assert create(tmp_path / "shared", NEW, durable=True, mode=0o666)
        assert (mode(tmp_path / "private"), mode(tmp_path / "shared")) == (0o600, 0o664)
        assert names(tmp_path) == {"private", "shared"}


class TestPlaces:
    """What else gets a name, and where what is not whole has its own."""

    def test_a_new_file_replaces_none(self, path: Path) -> None:
        """Who comes second is told so, and leaves nothing."""
        assert not create(path, NEW, durable=True)
        assert (path.read_bytes(), mode(path), names(path.parent)) == (OLD, 0o640, {"file"})

    def test_the_old_file_stays_as_a_backup(self, path: Path) -> None:
        """Where there was one; the backup before it goes."""
        backup = path.with_name("backup")
        for content, old_content in ((b"1", OLD), (b"2", b"1")):
            replace(path, content, durable=True, backup=backup)
            assert (path.read_bytes(), backup.read_bytes()) == (content, old_content)
        replace(path.with_name("first"), NEW, durable=True, backup=path.with_name("none"))
        assert names(path.parent) == {"file", "backup", "first"}

    def test_a_backup_that_is_the_file_itself(self, path: Path) -> None:
        """A process was killed when it had made the backup; a rename between two names of one file does nothing."""
        os.link(path, path.with_name("backup"))
        replace(path, NEW, durable=True, backup=path.with_name("backup"))
        assert (path.read_bytes(), path.with_name("backup").read_bytes()) == (NEW, OLD)
        assert names(path.parent) == {"file", "backup"}

    def test_a_folder_in_which_every_file_counts(self, path: Path) -> None:
        """A killed process leaves nothing in it."""
        kill_at(path, "replace(path, b'new', durable=False, temporary_folder=path.parent.parent)", moment="os.rename")
        assert names(path.parent) == {"file"}


class TestWithoutRoom:
    """The disk is full: the old file stays, and nothing beside it."""

    @every_write
    def test_in_the_middle_of_the_content(self, path: Path, write: Write) -> None:
        """The first bytes still had room."""
        with room_for(len(NEW) // 2), pytest.raises(OSError, match="File too large") as failure:
            write(path, NEW)
        assert failure.value.errno == errno.EFBIG
        assert (path.read_bytes(), mode(path), names(path.parent)) == (OLD, 0o640, {"file"})

    def test_no_new_file_comes_of_it(self, tmp_path: Path) -> None:
        """Not half of one either."""
        with room_for(len(NEW) // 2), pytest.raises(OSError, match="File too large"):
            create(tmp_path / "file", NEW, durable=False)
        assert names(tmp_path) == set()

    @every_write
    def test_the_name_is_that_of_a_folder(self, tmp_path: Path, write: Write) -> None:
        """The content was written, and cannot have the name."""
        (tmp_path / "file").mkdir()
        with pytest.raises(OSError, match=r"Is a directory|not permitted"):
            write(tmp_path / "file", NEW)
        assert names(tmp_path) == {"file"}

    def test_a_checkpoint(self, tmp_path: Path) -> None:
        """Checkpoint and backup stay as they were, and it is told as a state that was not written."""
        backend = Backend(tmp_path, lambda: "a passphrase")
        for salt_line in ("one", "two"):
            checkpoint.save(backend, "bench", "dev", Snapshot(salt_line=salt_line))
        folder = backend.checkpoint("bench", "dev").parent
        before = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
        with room_for(100), pytest.raises(StateNotWritten):
            checkpoint.save(backend, "bench", "dev", Snapshot(salt_line="three"))
        assert {entry.name: entry.read_bytes() for entry in folder.iterdir()} == before
        assert set(before) == {"dev.json", "dev.json.bak"}

    def test_a_definition(self, path: Path) -> None:
        """With its mode."""
        with room_for(100), pytest.raises(files.OperationError, match="cannot be written: File too large"):
            files.rewrite(path.parent, {"file": ("old", "new" * 100)})
        assert (path.read_bytes(), mode(path), names(path.parent)) == (OLD, 0o640, {"file"})


class TestKilled:
    """A process is killed while it writes."""

    @pytest.mark.parametrize("durable", [True, False])
    def test_before_it_takes_the_name(self, path: Path, durable: bool) -> None:
        """The old file stays; what the process left is swept, and is nobody else's to read until then."""
        kill_at(path, f"replace(path, b'new', durable={durable})", moment="os.rename")
        [temporary] = names(path.parent) - {"file"}
        assert (path.read_bytes(), mode(path.with_name(temporary))) == (OLD, 0o600)
        sweep(path.parent)
        assert names(path.parent) == {"file"}

    @pytest.mark.parametrize(("moment", "is_there"), [("os.link", False), ("os.remove", True)])
    def test_a_new_file_is_whole_or_not_there(self, tmp_path: Path, moment: str, is_there: bool) -> None:
        """Before it has its name, and before it has lost the other one."""
        path = tmp_path / "file"
        kill_at(path, "create(path, b'new', durable=True)", moment)
        assert (path.read_bytes() if path.exists() else None) == (b"new" if is_there else None)
        sweep(tmp_path)
        assert names(tmp_path) == ({"file"} if is_there else set())

    @pytest.mark.parametrize("moment", ["os.link", "os.rename"])
    def test_while_it_makes_a_backup(self, path: Path, moment: str) -> None:
        """File and backup stay as they were."""
        backup = path.with_name("backup")
        backup.write_bytes(b"older")
        kill_at(path, "replace(path, b'new', durable=True, backup=path.with_name('backup'))", moment)
        assert (path.read_bytes(), backup.read_bytes()) == (OLD, b"older")
        sweep(path.parent)
        assert names(path.parent) == {"file", "backup"}

    def test_whenever_it_is(self, path: Path) -> None:
        """A process that does nothing else is killed at any moment: one content or the other is there, whole."""
        program = "\n".join((
            "import sys; from pathlib import Path; from moothall.atomic_file import replace",
            "for _ in iter(int, 1):",
            "    for letter in (b'a', b'b'): replace(Path(sys.argv[1]), letter * 300_000, durable=False)",
            "    print(flush=True)",
        ))  # fmt: skip
        for _ in range(5):
            process = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
            assert process.stdout
            with process.stdout as stdout:
                stdout.readline()
                process.kill()
            process.wait()
            content = path.read_bytes()
            assert content in (b"a" * 300_000, b"b" * 300_000)
            sweep(path.parent)
            assert names(path.parent) == {"file"}


class TestSweeping:
    """What is swept is what a process that is gone has left, and nothing else."""

    def test_what_stays(self, tmp_path: Path) -> None:
        """What others are writing, what we are, and what is called nearly so."""
        gone, us, others = dead_pid(), os.getpid(), os.getppid()
        # The third is of an earlier process with our number, as one container after the other has it.
        for end in (f"{gone}.0123abcd", f"{gone}.0123abcd17", f"{us}.0123abcd"):
            (tmp_path / f".file.{end}").touch()
        ends = (f"{others}.0123abcd", f"{gone}.swp", f"{gone}.0123abc", ".0123abcd", f"x{gone}.0123abcd")
        stay = {".file", "file", f"file.{gone}.0123abcd", *(f".file.{end}" for end in ends)}
        for name in stay:
            (tmp_path / name).touch()
        sweep(tmp_path)
        assert names(tmp_path) == stay
        sweep(tmp_path / "nowhere")

    def test_what_begins_otherwise(self, tmp_path: Path) -> None:
        """A stack's alone, for who holds its lock alone."""
        gone = dead_pid()
        for name in ("dev.json", "dev.json.bak", "develop.json"):
            (tmp_path / f".{name}.{gone}.0123abcd").touch()
        sweep(tmp_path, "dev.json.")
        assert names(tmp_path) == {f".develop.json.{gone}.0123abcd"}

    def test_what_this_process_is_writing(self, path: Path) -> None:
        """A thread that sweeps does no harm to another one."""
        hook = "event == 'os.rename' and __import__('moothall.atomic_file').atomic_file.sweep(path.parent)"
        assert run_hooked(path, "replace(path, b'new', durable=True)", hook).stderr == ""
        assert path.read_bytes() == b"new"


@pytest.mark.parametrize("call", ["replace(path, b'new', durable=True)", "create(path, b'new', durable=True)"])
def test_a_link_in_the_way_is_not_followed(path: Path, call: str) -> None:
    """Somebody who may write in the folder puts a link under the very name that is about to be opened."""
    victim = path.parent.parent / f"victim of {path.parent.name}"
    victim.write_bytes(b"valuable")
    victim.chmod(0o644)
    is_temporary = "event == 'open' and str(arguments[0]).startswith(f'{path.parent}/.')"
    process = run_hooked(path, call, f"{is_temporary} and os.symlink({str(victim)!r}, arguments[0])")
    assert "FileExistsError" in process.stderr
    assert (victim.read_bytes(), mode(victim), path.read_bytes()) == (b"valuable", 0o644, OLD)


def create_with_others(barrier: Any, path: Path, number: int, firsts: Any) -> None:
    """Create the file together with other processes and tell whether this one was the first."""
    barrier.wait()
    firsts.put((number, create(path, b"%d" % number * 300_000, durable=True)))


def test_one_of_two_processes_is_first(tmp_path: Path) -> None:
    """Its content is there, whole, and nothing is left of the other."""
    context = multiprocessing.get_context("spawn")
    barrier, firsts, path = context.Barrier(2), context.Queue(), tmp_path / "file"
    both = [context.Process(target=create_with_others, args=(barrier, path, number, firsts)) for number in (1, 2)]
    for process in both:
        process.start()
    answers = dict(firsts.get(timeout=60) for _ in both)
    for process in both:
        process.join()
    [first] = [number for number, is_first in answers.items() if is_first]
    assert path.read_bytes() == b"%d" % first * 300_000
    assert names(tmp_path) == {"file"}


def replace_often(path: Path, letter: bytes) -> None:
    """Replace the file by one with as many of a letter, many times."""
    for _ in range(200):
        replace(path, letter * 300_000, durable=False)


def test_who_reads_meanwhile_reads_a_whole_file(path: Path) -> None:
    """Two processes replace it all the time."""
    context = multiprocessing.get_context("spawn")
    path.write_bytes(b"a" * 300_000)
    both = [context.Process(target=replace_often, args=(path, letter)) for letter in (b"a", b"b")]
    for process in both:
        process.start()
    contents = set()
    while any(process.is_alive() for process in both):
        contents.add(path.read_bytes())
    assert contents <= {b"a" * 300_000, b"b" * 300_000}
    assert [process.exitcode for process in both] == [0, 0]
    assert names(path.parent) == {"file"}
