"""An engine over ssh: the system's own client, a real server, and the real engine behind it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.pulumi_engine.lab import Lab, ops

from moothall.model.engines import Endpoint
from moothall.pulumi_engine import EngineUnreachable, identity

pytestmark = pytest.mark.live

CONFIG = """\
UserKnownHostsFile {folder}/known_hosts
GlobalKnownHostsFile /dev/null
IdentityFile {folder}/identity
IdentitiesOnly yes
"""


@dataclass(frozen=True)
class Door:
    """A host to be reached over ssh: its port, its key, and the folder that the client's configuration is in."""

    port: int
    key: Any
    folder: Path

    @property
    def host(self) -> str:
        """The address, as an engines.yaml has it."""
        return f"ssh://moothall@127.0.0.1:{self.port}"

    def known_as(self, key: Any) -> None:
        """Have the client know the host by a key, or by none."""
        line = f"[127.0.0.1]:{self.port} {key.export_public_key().decode()}" if key else ""
        (self.folder / "known_hosts").write_text(line)


class Server(threading.Thread):
    """An ssh server that lets one key in, and runs what it is asked to."""

    def __init__(self, key: Any, guest: Any) -> None:
        super().__init__(daemon=True)
        self._key, self._guest = key, guest
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._loop = self._runner.get_loop()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def run(self) -> None:
        """Serve until told to stop."""
        with self._runner:
            self._loop.run_until_complete(
                asyncssh.listen(
                    sock=self._socket,
                    server_host_keys=[self._key],
                    authorized_client_keys=asyncssh.import_authorized_keys(self._guest.export_public_key().decode()),
                    process_factory=_carry_out,
                    encoding=None,
                )
            )
            self._loop.run_forever()

    def stop(self) -> None:
        """Serve nobody any more."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self.join(10)
        self._socket.close()


async def _carry_out(asked: Any) -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_shell(asked.command, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        await asked.redirect(stdin=process.stdin, stdout=process.stdout, stderr=process.stderr)
        asked.exit(await process.wait())
        await asked.wait_closed()
    finally:
        process._transport.close()  # else the collector does, in the middle of another test, when this loop is closed


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """A host that knows this machine's key, and a client that reads a configuration of its own."""
    own, guest = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    folder = tmp_path / "ssh"
    folder.mkdir()
    guest.write_private_key(str(folder / "identity"))
    (folder / "identity").chmod(0o600)
    (folder / "config").write_text(CONFIG.format(folder=folder))
    (folder / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/config "$@"\n')
    (folder / "ssh").chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    server = Server(own, guest)
    server.start()
    made = Door(server.port, own, folder)
    made.known_as(own)
    yield made
    server.stop()


def test_a_stack_stands_on_an_engine_over_ssh(door: Door, lab: Lab) -> None:
    """Networks, volumes, containers with files, a job's exit code: all of it through ssh, and taken down again."""
    far = replace(lab, host=door.host)

    def declare(w: Any) -> None:
        network, volume = w.network("net"), w.volume("data")
        uploads = [w.docker.ContainerUploadArgs(file="/greeting", content="hello from afar")]
        app = w.container(
            "app",
            network_mode=None,
            networks_advanced=w.joined(network),
            mounts=w.mounted(volume),
            uploads=uploads,
        )
        w.job("job", "test 1 = 1", w.pulumi.ResourceOptions(depends_on=[app]))

    made = far.up(declare)

    assert made.status == "succeeded", made.failures
    assert identity(Endpoint(door.host, "")) == identity(Endpoint(lab.host, ""))
    assert ops(far.preview(declare)) == {}
    assert far.destroy(with_data=True).status == "succeeded"


def test_a_host_that_nobody_knows_is_not_spoken_to(door: Door) -> None:
    """The reason is ssh's own, and nobody is asked whether to go on."""
    door.known_as(None)

    with pytest.raises(EngineUnreachable, match="Host key verification failed"):
        identity(Endpoint(door.host, ""))


def test_a_host_with_another_key_is_not_spoken_to(door: Door) -> None:
    """As when somebody stands in between."""
    door.known_as(asyncssh.generate_private_key("ssh-ed25519"))

    with pytest.raises(EngineUnreachable, match="Host key verification failed"):
        identity(Endpoint(door.host, ""))


def test_who_is_not_let_in_is_told(door: Door) -> None:
    """Without a key that the host knows nobody is asked for a password."""
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(door.folder / "identity"))

    with pytest.raises(EngineUnreachable, match="Permission denied"):
        identity(Endpoint(door.host, ""))
