"""Pulumi's CLI in somebody's hands, in the folder of the program, on a partnership's state."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.live.helpers.running import PROJECT, Place

LANGUAGE_HOST = PROJECT / "tests" / "pulumi_cli" / "language_host.py"


class ByHand:
    """The CLI, with a home of its own below `folder` and the plug-ins of an installation."""

    def __init__(self, place: Place, installed: Path, folder: Path) -> None:
        self._program = installed / "bin" / "pulumi"
        self._stacks = place.root / "stacks"
        shutil.copytree(PROJECT / "stacks", self._stacks, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "home").mkdir()
        (folder / "home" / "plugins").symlink_to(installed / "plugins")
        self._environment = {
            **place.environment,
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{place.state}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(place.root / "passphrase"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def stacks(self) -> list[str]:
        """Every stack of the partnership's state."""
        return [line.split()[0].rstrip("*") for line in self("stack", "ls").splitlines()[1:]]

    def __call__(self, *words: str) -> str:
        """Run a command that needs no program; what it printed. It has to succeed."""
        command = [self._program, "--non-interactive", *words]
        done = subprocess.run(command, cwd=self._stacks, env=self._environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def with_program(self, *words: str) -> str:
        """Run a command that runs the program; what it printed. It has to succeed."""
        command = [sys.executable, str(LANGUAGE_HOST), str(self._stacks / "__main__.py")]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, env=self._environment, stdin=pipe, stdout=pipe, text=True) as host:
            assert host.stdout is not None
            try:
                return self(*words, "--client", f"127.0.0.1:{int(host.stdout.readline())}")
            finally:
                host.kill()
