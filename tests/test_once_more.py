"""The plugin that runs a failed live test once more: two whole runs of pytest, in one process and in two.

In the one every test passes in the end, in the other some do not.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONFTEST = f"""\
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from tests import once_more
LOG = Path(__file__).with_name("log")
def said():
    return LOG.read_text().split() if LOG.exists() else []
def say(word):
    with LOG.open("a") as log:
        log.write(word + "\\n")
    return said().count(word)
def pytest_addoption(parser):
    once_more.add_option(parser)
def pytest_configure(config):
    once_more.register(config, lambda nodeid: nodeid.partition("::")[0])
"""
INI = "[pytest]\naddopts = -p no:cacheprovider --strict-markers\nmarkers =\n    live\n    pulumi\n    incremental\n"
HEAD = "import os, signal, time, pytest\nfrom conftest import said, say\npytestmark = pytest.mark.live\n"
ONCE = "def test_once():\n    assert say('once') == 2, 'the first time'\ndef test_good():\n    say('good')\n"
CLI = """
pytestmark = pytest.mark.pulumi
def test_cli():
    assert say("cli") == 2, "failed" + "\\nsaid" * 20 + "\\n\\nits last word"
"""
ALONE = """
@pytest.fixture(scope="module")
def place():
    say("up")
    yield
    say("down")
def test_before(place):
    say("before")
def test_alone(place):
    assert say("alone") == 2
"""
OTHER = """
def test_other():
    for _ in range(100):
        if "alone" in said():
            break
        time.sleep(0.05)
    say("other")
"""
FIXTURE = """
@pytest.fixture(scope="module")
def shared():
    assert say("shared") == 2, "it does not stand"
def test_one(shared): pass
def test_two(shared): pass
"""
TEARDOWN = """
@pytest.fixture
def place():
    yield
    assert say("taken-down") == 2
def test_passes(place): pass
"""
STORY = (
    "pytestmark = [pytest.mark.live, pytest.mark.incremental]"
    + """
def test_first(): say("first")
def test_second(): assert say("second") == 1, "the second time"
def test_third(): assert say("third") == 2
def test_fourth(): say("fourth")
"""
)
CRASH = """
def test_crash():
    if say("crash") == 1:
        os.kill(os.getpid(), signal.SIGKILL)
def test_after_it(): say("after")
"""
NEVER = "def test_never():\n    say('never')\n    assert 0, 'as ever'\n"
PLAIN = "pytestmark = []\ndef test_plain():\n    assert say('plain') == 2\n"
# It waits until both processes have been sent all that they begin with: xdist ends with what it sends to a dead one.
WAITING_CRASH = CRASH.replace("    if say(", "    while 'plain' not in said():\n        time.sleep(0.05)\n    if say(")
PLAIN_CRASH = "pytestmark = []" + WAITING_CRASH


@dataclass(frozen=True)
class Ran:
    """What a run came to: its exit code, what it printed, and what its tests said in their order."""

    code: int
    lines: list[str]
    said: list[str]

    @property
    def closing(self) -> set[str]:
        """What pytest's last line counts; what is flaky is said after it, and nothing else is."""
        own = [line for line in self.lines if not line.startswith("FLAKY ")]
        assert self.lines[: len(own)] == own
        return set(own[-1].strip("= ").rpartition(" in ")[0].split(", "))

    def block(self, word: str) -> list[str]:
        """Return the lines in which a word stands."""
        return [line for line in self.lines if word in line]


def run(folder: Path, words: list[str], files: dict[str, str]) -> Ran:
    """Run files with this content, each of them a group."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "pytest.ini").write_text(INI)
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(HEAD + text)
    # A folder of its own: pytest closes the one that all runs share to other users, and tests of others open it.
    command = [sys.executable, "-m", "pytest", "-ra", f"--basetemp={folder / 'temporary'}", *words]
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"}  # starts in a moment
    done = subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, timeout=900, check=False)
    return Ran(done.returncode, done.stdout.splitlines(), (folder / "log").read_text().split())


TWO = ["-n", "2", "--dist", "loadfile"]
PROCESSES = {"one": [], "two": TWO}


@pytest.fixture(scope="module", params=PROCESSES)
def good(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run whose tests all pass, some of them the second time."""
    shared = {"alone": ALONE, "other": OTHER, "fixture": FIXTURE, "teardown": TEARDOWN, "story": STORY}
    files = {"once": ONCE, "cli": CLI, **shared}
    return run(tmp_path_factory.mktemp("good"), PROCESSES[request.param], files)


@pytest.fixture(scope="module", params=PROCESSES)
def bad(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run with tests that do not pass, or that may fail only once."""
    files = {"once": ONCE, "never": NEVER, "plain": PLAIN}
    more = {"crash": PLAIN_CRASH} if request.param == "two" else {}
    return run(tmp_path_factory.mktemp("bad"), PROCESSES[request.param], files | more)


def test_the_run_passes(good: Ran) -> None:
    """Nothing of it is a failure any more: each test is counted once, as passed or as flaky."""
    assert good.code == 0, good.lines
    assert good.closing == {"5 passed", "8 flaky"}, good.lines


def test_flaky_ones_are_told_with_their_first_failure(good: Ran) -> None:
    """Whole, and in one line each."""
    told = good.block("FLAKY ")
    assert good.block("> ") and good.block("say('once') == 2, 'the first time'")
    assert len(told) == 8
    assert "FLAKY test_once.py::test_once: AssertionError: the first time" in told
    [cli] = good.block("FLAKY test_cli.py::test_cli: ")
    assert cli.endswith("AssertionError: failed | said | said | said | said | its last word")


def test_it_runs_alone_when_all_others_have_ended(good: Ran) -> None:
    """Whatever is shared is taken down first, and stood up anew for it; a test of another process has ended too."""
    own = [word for word in good.said if word in ("up", "before", "alone", "down", "other")]
    assert own[-3:] == ["up", "alone", "down"]
    assert sorted(own[:-3]) == ["alone", "before", "down", "other", "up"]
    assert good.said.count("good") == 1


def test_an_error_in_a_shared_fixture_is_tried_again(good: Ran) -> None:
    """All tests that it kept from running run once more, and stand it up once."""
    assert good.said.count("shared") == 2
    assert len([line for line in good.block("FLAKY test_fixture.py::test_") if "it does not stand" in line]) == 2


def test_an_error_while_it_is_taken_down_is_tried_again(good: Ran) -> None:
    """The test that passed and then was in error."""
    assert good.said.count("taken-down") == 2
    assert len(good.block("FLAKY test_teardown.py::test_passes: ")) == 1


def test_what_leads_to_a_test_runs_again_with_it(good: Ran) -> None:
    """In an incremental file the ones before it do, and none behind it; what fails of them then is flaky too."""
    own = [word for word in good.said if word in ("first", "second", "third", "fourth")]
    assert own == ["first", "second", "third", "fourth", "first", "second", "third"]
    assert len(good.block("FLAKY test_story.py::test_second: passed, and then: ")) == 1


def test_what_a_crashed_process_was_at_is_tried_again(tmp_path: Path) -> None:
    """Another process goes on behind it."""
    ran = run(tmp_path, TWO, {"crash": CRASH, "once": ONCE})

    assert ran.code == 0, ran.lines
    assert ran.closing == {"2 passed", "2 flaky"}, ran.lines
    assert ran.said.count("after") == 1
    assert len(ran.block("FLAKY test_crash.py::test_crash: worker 'gw")) == 1


def test_what_fails_twice_fails_the_run(bad: Ran) -> None:
    """With both failures; one that fails once beside it is flaky all the same."""
    assert bad.code == 1
    assert bad.closing == (
        {"3 passed", "3 failed", "1 flaky"} if "crash" in bad.said else {"1 passed", "2 failed", "1 flaky"}
    )
    assert bad.said.count("never") == 2
    assert len(bad.block("AssertionError: as ever")) >= 2
    assert bad.block("once more, alone")[1:]
    assert bad.block("FAILED test_never.py::test_never")


def test_others_are_never_run_again(bad: Ran) -> None:
    """A test without an engine that fails by chance has a bug, and so has one that kills its process.

    (xdist itself runs what a process died of again with the rest of its file; that it passes then mends nothing.)
    """
    assert bad.said.count("plain") == 1
    assert not bad.block("FLAKY test_plain") + bad.block("FLAKY test_crash")


def test_a_run_that_was_stopped_runs_nothing_again(tmp_path: Path) -> None:
    """With `-x` people look at the first failure."""
    ran = run(tmp_path, ["-x"], {"once": ONCE})

    assert (ran.code, ran.said) == (1, ["once"])
