"""Running Pulumi's CLI: in a session of its own, stopped gracefully, never longer than its deadline."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import IO

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import InvalidVersionError, create_command_error
from semver import VersionInfo

from moothall import children
from moothall.pulumi_cli.installation import NotInstalled

LOOK = 0.25  # seconds between two looks at whether to stop
LAST_LINES = 10.0  # seconds in which what an ended CLI has written arrives
GRACE = 90.0  # seconds that steps under way have to end after the deadline, before the CLI is told to break off
# A user's own settings that would change what the CLI does, or which secrets it opens.
FOREIGN_VARIABLES = frozenset(
    {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_EXPERIMENTAL", "PULUMI_SKIP_CHECKPOINTS", "PULUMI_STACK"}
)
_UMASK = 0o077
"""Its files in the state, and those of its plug-ins, are this user's alone, as ours are."""
LineHandler = Callable[[str], object]


class Command(PulumiCommand):
    """The CLI at `program`. When `stop` is set it is sent SIGINT once: steps under way end and no new one begins.

    `seconds` is how long one command may take; after that it is stopped in the same way, and after `GRACE` for good.
    One that has no steps under way is ended `patience` seconds after it was told to stop: it does not hear that where
    we were started with SIGINT ignored, as a shell does in the background.
    `inherited_descriptors` are the descriptors that it gets beside its own three.
    """

    inherited_descriptors: tuple[int, ...] = ()

    def __init__(self, program: Path, stop: threading.Event, seconds: float, patience: float = math.inf) -> None:
        self.command = str(program)
        self.version = _version(program)
        self._stop = stop
        self.seconds = seconds
        self._patience = patience
        self.timed_out = False
        self.killed_by = 0

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: LineHandler | None = None,
        on_error: LineHandler | None = None,
    ) -> CommandResult:
        """Run one command to its end. Raises CommandError, or the subclass that fits, when it fails."""
        environment = {key: value for key, value in os.environ.items() if key not in FOREIGN_VARIABLES}
        process = subprocess.Popen(
            [self.command, "--non-interactive", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**environment, **additional_env, "PULUMI_AUTOMATION_API": "true"},
            encoding="utf-8",
            start_new_session=True,
            umask=_UMASK,
            pass_fds=self.inherited_descriptors,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        readers = [_Reader(process.stdout, on_output), _Reader(process.stderr, on_error)]
        with children.session_guard(process.pid):
            self._await(process)
            if process.returncode < 0:  # so its plug-ins are still there
                self.killed_by = -process.returncode
                children.end(process.pid)
            out, err = (reader.text() for reader in readers)
        result = CommandResult(stdout=out, stderr=err, code=process.returncode)
        if result.code:
            raise create_command_error(result)
        return result

    def ignore_stop(self) -> None:
        """Run all further commands even though a stop was requested: they only record what was done."""
        self._stop = threading.Event()

    def _await(self, process: subprocess.Popen[str]) -> None:
        elapsed, interrupted_at = 0.0, math.inf
        while not _has_ended(process, LOOK):
            elapsed += LOOK
            self.timed_out = elapsed > self.seconds
            if interrupted_at == math.inf and (self._stop.is_set() or self.timed_out):
                process.send_signal(signal.SIGINT)
                interrupted_at = elapsed
            if elapsed > min(interrupted_at + self._patience, self.seconds + GRACE):
                children.end(process.pid)


class _Reader:
    """Reads one stream of the CLI in a thread of its own."""

    def __init__(self, stream: IO[str], handle_line: LineHandler | None) -> None:
        self._stream = stream
        self._handle_line = handle_line
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        """All that was written, when the stream has ended, or soon after the program did: what it has started may
        have the stream too."""
        self._thread.join(LAST_LINES)
        return "\n".join(self._lines)

    def _read(self) -> None:
        for line in self._stream:
            self._lines.append(line.rstrip())
            if self._handle_line:
                self._handle_line(line.rstrip())
        self._stream.close()


def _has_ended(process: subprocess.Popen[str], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


@lru_cache(maxsize=4)
def _version(program: Path) -> VersionInfo | None:
    """What the CLI says it is, asked once a process. Raises NotInstalled for one that does not run, or is too old."""
    try:
        return PulumiCommand(root=str(program.parents[1])).version
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotInstalled(f"Pulumi's CLI in {program} does not run") from error
    except InvalidVersionError as error:
        raise NotInstalled(f"Pulumi's CLI in {program} is of another version") from error
