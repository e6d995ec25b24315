"""The real Pulumi CLI for tests: built from its Go module, with a stand-in as its Docker plug-in, or the real one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.pulumi_cli.standin import docker_plugin, standin
from tests.pulumi_cli.standin.memory_daemon import MemoryDaemon
from tests.pulumi_engine.memory_engine import MemoryEngine, MemoryLab
from tests.waiting import PATIENCE

from moothall.model.engines import Endpoint
from moothall.pulumi_cli import PLUGIN_VERSION, Installation, Pulumi
from moothall.pulumi_engine.state.vault import Vault

REAL_PLUGIN = os.environ.get("MOOTHALL_REAL_PLUGIN", "")
"""The program of a real Docker plug-in, where there is one."""
REMOVAL_PATIENCE = 0.5  # seconds that the stand-in tries to remove what is in use, in memory
PROJECT_FOLDER = Path(__file__).resolve().parents[2]
LAUNCHER = '#!/bin/sh\nPYTHONPATH="{project}" exec "{python}" "{plugin}"\n'


def built() -> Path:
    """The CLI's program, built at the first call; skips the test, with the reason, where it cannot be."""
    done = subprocess.run([PROJECT_FOLDER / "tools" / "pulumi" / "build"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip((done.stderr.strip().splitlines() or ["the Pulumi CLI could not be built"])[-1])
    return Path(done.stdout.strip())


def installation(folder: Path) -> Installation:
    """An installation as `tools/pulumi/install` makes one, with the stand-in in the place of the plug-in, or the real
    one where there is one."""
    program = built()
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "pulumi").symlink_to(program)
    plugin = folder / "plugins" / f"resource-docker-v{PLUGIN_VERSION}" / "pulumi-resource-docker"
    plugin.parent.mkdir(parents=True)
    if REAL_PLUGIN:
        plugin.symlink_to(REAL_PLUGIN)
    else:
        launcher(plugin)
    return Installation(folder / "bin" / "pulumi", folder / "plugins")


def launcher(file: Path) -> Path:
    """Write the program that starts the stand-in to a file, and return that."""
    file.write_text(LAUNCHER.format(project=PROJECT_FOLDER, python=sys.executable, plugin=docker_plugin.__file__))
    file.chmod(0o755)
    return file


class SharedMemory:
    """Labs whose engine in memory is what the real engine's plug-in works on too: it is served in this process.

    `cancelled` is set when the real engine has been told to stop and has told its plug-ins. `held` holds the names of
    objects that are being made for as long as they are held.
    """

    def __init__(self, installed: Installation) -> None:
        self.pulumi = Pulumi(installed, connect=self._connect)
        self._lab: MemoryLab | None = None
        self._free = threading.Event()
        self.held: list[str] = []
        self.cancelled = threading.Event()
        self.server, self.port = docker_plugin.serve(self._daemon, self.cancelled, REMOVAL_PATIENCE)

    def use(self, lab: MemoryLab) -> None:
        """From now on the plug-in works on this lab's engine."""
        self._lab = lab
        self.cancelled.clear()
        standin.played.clear()

    def hold(self, lab: MemoryLab) -> None:
        """From now on nothing is made until `let_go`; what was waited for then is made after all."""
        self.held.clear()
        self._free.clear()

        def on_create(name: str) -> None:
            self.held.append(name)
            assert self._free.wait(PATIENCE)

        lab.engine.on_create = on_create

    def let_go(self) -> None:
        """Make what is held, and hold nothing more."""
        assert self._lab is not None
        self._lab.engine.on_create = lambda name: None
        self._free.set()

    def started(self, lab: MemoryLab, url: str = "", verb: str = "up", **environment: str) -> subprocess.Popen[str]:
        """A process of its own that runs a verb on `by_pulumi.two`, with more in its environment."""
        script, installed = Path(__file__).with_name("by_pulumi.py"), self.pulumi.installation
        words = [sys.executable, str(script), verb, str(lab.root), str(installed.program), str(installed.plugins)]
        paths = {**os.environ, "PYTHONPATH": str(PROJECT_FOLDER), **environment}
        both = subprocess.PIPE
        return subprocess.Popen([*words, url], stdout=both, stderr=both, text=True, env=paths, start_new_session=True)

    def _connect(self, address: Endpoint) -> MemoryEngine:
        assert self._lab is not None
        return self._lab.engine

    def _daemon(self, address: Endpoint) -> MemoryDaemon:
        assert self._lab is not None
        return MemoryDaemon(self._lab.engine)


def cli_of(moothall: int) -> int:
    """The CLI that a process runs."""
    threads = Path(f"/proc/{moothall}/task").glob("*/children")
    [cli] = [int(child) for file in threads for child in file.read_text().split()]
    return cli


def revealed(lab: MemoryLab, stack: str = "dev") -> Vault:
    """A vault that opens the secrets of a lab's state, whoever wrote it."""
    return Vault(lab.backend, lab.checkpoint(stack)["secrets_providers"]["state"]["salt"])
