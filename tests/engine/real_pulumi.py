"""The real Pulumi CLI for tests: built from its Go module, with our own provider as its Docker plug-in."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import docker_plugin
import pytest
from memory_engine import MemoryEngine, MemoryLab

from moothall.automation import PLUGIN_VERSION, Installation, Pulumi
from moothall.engine.provider import EngineAddress
from moothall.engine.vault import Vault

PROJECT_FOLDER = Path(__file__).resolve().parents[2]
LAUNCHER = '#!/bin/sh\nexec "{python}" "{plugin}"\n'


def built() -> Path:
    """The CLI's program, built at the first call; skips the test, with the reason, where it cannot be."""
    done = subprocess.run([PROJECT_FOLDER / "tools" / "pulumi" / "build"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip((done.stderr.strip().splitlines() or ["the Pulumi CLI could not be built"])[-1])
    return Path(done.stdout.strip())


def installation(folder: Path) -> Installation:
    """An installation as `tools/pulumi/install` makes one, with our provider in the place of the plug-in."""
    program = built()
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "pulumi").symlink_to(program)
    plugin = folder / "plugins" / f"resource-docker-v{PLUGIN_VERSION}" / "pulumi-resource-docker"
    plugin.parent.mkdir(parents=True)
    plugin.write_text(LAUNCHER.format(python=sys.executable, plugin=docker_plugin.__file__))
    plugin.chmod(0o755)
    return Installation(folder / "bin" / "pulumi", folder / "plugins")


class SharedMemory:
    """Labs whose engine in memory is what the real engine's plug-in works on too: it is served in this process.

    `cancelled` is set when the real engine has been told to stop and has told its plug-ins.
    """

    def __init__(self, installed: Installation) -> None:
        self.pulumi = Pulumi(installed)
        self._lab: MemoryLab | None = None
        self.cancelled = threading.Event()
        self.server, self.port = docker_plugin.serve(self._connect, self.cancelled)

    def use(self, lab: MemoryLab) -> None:
        """From now on the plug-in works on this lab's engine."""
        self._lab = lab
        self.cancelled.clear()

    def _connect(self, address: EngineAddress) -> MemoryEngine:
        assert self._lab is not None
        return self._lab.engine


def revealed(lab: MemoryLab, stack: str = "dev") -> Vault:
    """A vault that opens the secrets of a lab's state, whoever wrote it."""
    return Vault(lab.backend, lab.checkpoint(stack)["secrets_providers"]["state"]["salt"])
