"""A test that runs an engine or Pulumi's CLI (marked `live` or `pulumi`) and fails is run once more, alone, at the end.

Both have time limits that we cannot set: the CLI gives up a process that does not answer it within ten seconds
(`pluginRPCConnectionTimeout` in Pulumi's `sdk/go/common/resource/plugin/plugin.go`). What passes then is told as
`FLAKY <test>: <first failure>` and counted in the closing line, and the run passes; what fails twice fails the run. No
other test is ever run again. The second run is a pytest of its own, one for each group of
tests that share what stands, when all processes of the first have ended: so nothing runs beside it, and what it uses is
stood up anew. Tests marked `incremental` go on where the one before them ended: those of the same file that ran before
a failed one run again with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

OUTSIDE = ("live", "pulumi")
INCREMENTAL = "incremental"
TOLD_TO = "--once-more-to"
"""The option of the second run: the file into which it writes what became of each test."""
CAUSE_LINES = 6
Outcomes = dict[str, tuple[str, str]]
"""The last outcome of each test and what it said when it failed."""


def add_option(parser: pytest.Parser) -> None:
    """Add the option of the second run."""
    parser.addoption(TOLD_TO, default="", help="where the second run of a live test writes its outcome (internal)")


def register(config: pytest.Config, group: Callable[[str], str]) -> None:
    """Watch the run: in the process that prints, never in a worker. `group` names what a test shares with others."""
    if hasattr(config, "workerinput"):
        return
    told_to = config.getoption(TOLD_TO)
    config.pluginmanager.register(Second(Path(told_to)) if told_to else First(config, group), "once-more")


class Second:
    """Writes down what becomes of each test."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.outcomes: Outcomes = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the outcome; a failure stays one, and what was skipped in its setup did not pass."""
        before, _ = self.outcomes.get(report.nodeid, ("", ""))
        if before != "failed" and (report.when == "call" or not report.passed):
            self.outcomes[report.nodeid] = (report.outcome, report.longreprtext if report.failed else "")

    def pytest_sessionfinish(self) -> None:
        """Write."""
        self.file.write_text(json.dumps(self.outcomes))


class First:
    """Notes what fails, has it run once more at the end, and counts what passes then as flaky."""

    def __init__(self, config: pytest.Config, group: Callable[[str], str]) -> None:
        self.config = config
        self.group = group
        self.failed: dict[str, pytest.TestReport] = {}
        self.ran: dict[str, None] = {}
        self.incremental = set[str]()
        self.flaky: dict[str, str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the order of tests, and the first failure of each that may run again, as may a crashed worker's."""
        self.ran.setdefault(report.nodeid)
        if INCREMENTAL in report.keywords:
            self.incremental.add(_file(report.nodeid))
        known = report.when in ("setup", "call", "teardown")
        if report.failed and (not known or any(mark in report.keywords for mark in OUTSIDE)):
            self.failed.setdefault(report.nodeid, report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Run again what failed, when every process has ended."""
        stopped = session.shouldstop or session.shouldfail or exitstatus != pytest.ExitCode.TESTS_FAILED
        printer: TerminalReporter | None = self.config.pluginmanager.get_plugin("terminalreporter")
        if stopped or printer is None or not self.failed:
            return
        printer.line("")
        printer.section("once more, alone")
        for name in dict.fromkeys(map(self.group, self.failed)):
            again = [test for test in self.failed if self.group(test) == name]
            self._settle(printer, again, run(self.config.rootpath, self._with_what_leads_to(again)))
        if not printer.stats.get("failed") and not printer.stats.get("error"):
            session.exitstatus = pytest.ExitCode.OK

    def _with_what_leads_to(self, tests: list[str]) -> list[str]:
        """Return the tests and those of incremental files that ran before one of them, in the order of the run."""
        wanted, open_files = set(tests), set[str]()
        for test in reversed(self.ran):
            if test in tests and _file(test) in self.incremental:
                open_files.add(_file(test))
            if _file(test) in open_files:
                wanted.add(test)
        return [test for test in self.ran if test in wanted]

    def _settle(self, printer: TerminalReporter, tests: Iterable[str], outcomes: Outcomes) -> None:
        """Take what passed now for flaky, and have what failed again say both failures."""
        for test in tests:
            outcome, said = outcomes.get(test, ("not run", ""))
            printer.write_line(f"{test}: {outcome}")
            if outcome == "passed":
                self._is_flaky(printer, test, _cause(self.failed[test]))
            elif said:
                self.failed[test].sections.append(("once more, alone", said))
        for test, (outcome, said) in outcomes.items():
            if outcome == "failed" and test not in self.failed:  # it led to another; it passed the first time
                self._is_flaky(printer, test, f"passed, and then: {said.strip().splitlines()[-1]}")

    def _is_flaky(self, printer: TerminalReporter, test: str, cause: str) -> None:
        for kind in ("failed", "error", "passed"):
            left = [report for report in printer.stats.get(kind, ()) if getattr(report, "nodeid", "") != test]
            printer.stats.pop(kind, None)
            if left:
                printer.stats[kind] = left
        self.flaky[test] = cause
        again = pytest.TestReport(test, ("", None, ""), {}, "passed", None, "call")
        again.flaky = True  # type: ignore[attr-defined]
        self.config.hook.pytest_runtest_logreport(report=again)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Count as flaky what was found so; it was printed already."""
        return ("flaky", "", "") if getattr(report, "flaky", False) else None

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """Show what is flaky with its first failure, whole, because its cause is to be found."""
        if self.flaky:
            terminalreporter.section("flaky")
        for test, report in self.failed.items():
            if test in self.flaky:
                terminalreporter.section(test, sep="_")
                terminalreporter.write_line(report.longreprtext)

    def pytest_unconfigure(self) -> None:
        """Say it in a line each, last of all: of a long log the end is read, and is what is kept."""
        for test, cause in self.flaky.items():
            self.config.pluginmanager.get_plugin("terminalreporter").write_line(f"FLAKY {test}: {cause}")


def run(root: Path, tests: list[str]) -> Outcomes:
    """Run these tests in a pytest of their own, those of them that may, and return what became of them."""
    with tempfile.TemporaryDirectory(prefix="once-more-") as folder:
        told = Path(folder, "outcomes")
        words = [sys.executable, "-m", "pytest", "-n0", "-m", " or ".join(OUTSIDE), f"{TOLD_TO}={told}", *tests]
        done = subprocess.run(words, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if not told.exists():
            return dict.fromkeys(tests, ("not run", f"{done.stdout}\n{done.stderr}"))
        return {test: (outcome, said) for test, (outcome, said) in json.loads(told.read_text()).items()}


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def _cause(report: pytest.TestReport) -> str:
    """Return what went wrong in one line: how the message begins, and how what a command said ends."""
    crash = getattr(report.longrepr, "reprcrash", None)
    message = str(crash.message if crash else report.longrepr)
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("assert ", "+ "))] or ["nothing was said"]
    if len(said) > CAUSE_LINES:
        said[1 : 1 - CAUSE_LINES] = []
    return " | ".join(line[:300] for line in said)
