"""Machines of our own: a Docker engine each, in its own network namespace, joined by nothing but links.

A machine has a data root, an exec root, a pid file and a socket of its own; a link is a pair of virtual cards that
carries two addresses and no route. Needs root and iproute2. The engine of this machine itself is never touched.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
from tests.live.helpers.running import remove

ROOT = Path("/var/lib/moothall-machines-test")
"""On a disk: overlay2 does not work on overlay, nor in memory."""
PREFIX = "mh-"
ELSEWHERE = """\
apiVersion: moothall/v1
kind: Engines
spec:
  engines:
    here:
      endpoint: unix:///var/run/docker.sock
      sites: [morpeth, durham-dc]
      links: {{link-consett-morpeth: 198.18.9.1, link-consett-durham-dc: 198.18.9.2}}
    there:
      endpoint: unix://{door}
      sites: [consett]
      links: {{link-consett-morpeth: 198.18.9.3, link-consett-durham-dc: 198.18.9.4}}
"""
"""The file that says that consett is on an engine of its own, whose address is `door`, and the other sites are here."""
START_SECONDS = 120
STOP_SECONDS = 180
"""An engine gives its containers the longest of their own stop times, and a server waits for its standby."""


def able() -> bool:
    """Say whether this process may and can make machines."""
    return os.geteuid() == 0 and all(map(shutil.which, ("dockerd", "ip", "nsenter", "iptables")))


def _do(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"


@dataclass(frozen=True)
class Machine:
    """One machine by name."""

    name: str

    @property
    def namespace(self) -> str:
        """The name of its network namespace."""
        return PREFIX + self.name

    @property
    def folder(self) -> Path:
        """Everything that its engine keeps."""
        return ROOT / self.name

    @property
    def socket(self) -> Path:
        """Where its engine answers."""
        return self.folder / "docker.sock"

    @property
    def endpoint(self) -> str:
        """The same as an address."""
        return f"unix://{self.socket}"

    @property
    def process(self) -> int:
        """The process id of its engine, 0 when it does not run."""
        with contextlib.suppress(OSError, ValueError):
            number = int((self.folder / "docker.pid").read_text())
            if self._is_mine(number):
                return number
        return 0

    def client(self) -> docker.DockerClient:
        """Return a client of its engine."""
        return docker.DockerClient(self.endpoint, timeout=120)

    def make(self) -> None:
        """Make the namespace and start the engine in it."""
        _do("ip", "netns", "add", self.namespace)
        _do("ip", "-n", self.namespace, "link", "set", "lo", "up")
        self.start()

    def own(self, *addresses: str) -> None:
        """Give the machine addresses of its own that lead nowhere."""
        for address in addresses:
            _do("ip", "-n", self.namespace, "address", "add", f"{address}/32", "dev", "lo")

    def start(self) -> None:
        """Start the engine and wait until it answers; one that ends at once is started again, as systemd would.

        So does one whose predecessor's containerd is still on its way out.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        # Settings of its own: an engine's identity is in its key, which is the machine's unless another place is named.
        (self.folder / "settings.json").write_text(json.dumps({"deprecated-key-path": str(self.folder / "key.json")}))
        deadline = time.monotonic() + START_SECONDS
        engine = self._begin()
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.5)
            if engine.poll() is not None:
                self._forget_broken_networks()
                engine = self._begin()

    def _forget_broken_networks(self) -> None:
        """Remove what a killed engine has left of its networks if a new one dies of it, as Docker 20.10 may."""
        if "libnetwork.New(" in (self.folder / "log").read_text(errors="replace")[-4000:]:
            (self.folder / "data" / "network" / "files" / "local-kv.db").unlink(missing_ok=True)

    def _begin(self) -> subprocess.Popen[bytes]:
        (self.folder / "docker.pid").unlink(missing_ok=True)
        # Not `ip netns exec`, which mounts /sys anew and so hides the control groups.
        words = ["nsenter", f"--net=/run/netns/{self.namespace}", "dockerd", "--host", self.endpoint]
        words += ["--data-root", str(self.folder / "data"), "--exec-root", str(self.folder / "exec")]
        words += ["--pidfile", str(self.folder / "docker.pid"), "--bip", "172.31.255.1/24", "--log-level", "warn"]
        words += ["--storage-driver", "overlay2", "--config-file", str(self.folder / "settings.json")]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def kill(self) -> None:
        """Kill the engine as a power cut would; its containers stay as they are."""
        number = self.process
        assert number, f"the engine of {self.name} does not run"
        os.kill(number, signal.SIGKILL)
        # Its containerd dies with it, a moment later: a new engine that meets it on its way out waits for it in vain.
        while self._is_mine(number) or any(_words(each).startswith("containerd ") for each in self._left()):
            time.sleep(0.1)

    def lose(self) -> None:
        """Lose the machine: its engine and all that runs on it are killed at once, what watches containers too."""
        running = [container.attrs["State"]["Pid"] for container in self.client().containers.list()]
        self.kill()
        for number in (*running, *self._left()):
            if number:  # of a container that is about to start again there is no process
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)

    def stop(self) -> None:
        """Stop the engine in order, as a restart of its service does: its containers are stopped with it."""
        number = self.process
        assert number, f"the engine of {self.name} does not run"
        self._stop()
        assert not self._is_mine(number), f"the engine of {self.name} does not end"

    def clear(self) -> None:
        """Remove everything of this machine, however far it got."""
        if self.folder.exists() and not self.process and Path("/run/netns", self.namespace).exists():
            with contextlib.suppress(AssertionError):
                self.start()  # only a living engine takes its containers down
        if self.process:
            _remove_containers(self.client())
            self._stop()
        for number in list(self._left()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        if Path("/run/netns", self.namespace).exists():
            _do("ip", "netns", "delete", self.namespace)
        self._unmount()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _stop(self) -> None:
        number = self.process
        os.kill(number, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self._is_mine(number) and time.monotonic() < deadline:
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            client = self.client()
            return bool(client.ping())
        except (docker.errors.DockerException, OSError):
            return False

    def _is_mine(self, number: int) -> bool:
        return str(self.folder) in _words(number)

    def _left(self) -> Iterator[int]:
        """Yield the processes that name our folder: an engine's own containerd and its shims."""
        for entry in Path("/proc").glob("[0-9]*"):
            if f"{self.folder}/" in _words(int(entry.name)) and int(entry.name) != os.getpid():
                yield int(entry.name)

    def _unmount(self) -> None:
        for line in reversed(Path("/proc/self/mounts").read_text().splitlines()):
            place = line.split()[1]
            if place.startswith(f"{self.folder}/"):
                subprocess.run(["umount", "-l", place], check=False)


def join(one: Machine, one_address: str, other: Machine, other_address: str) -> None:
    """Lay a link between two machines: an address at each end, in a network of two, and nothing else."""
    first, second = f"to-{other.name}"[:15], f"to-{one.name}"[:15]
    ends = ["type", "veth", "peer", "name", second, "netns", other.namespace]
    _do("ip", "-n", one.namespace, "link", "add", first, *ends)
    for machine, card, address in ((one, first, one_address), (other, second, other_address)):
        _do("ip", "-n", machine.namespace, "address", "add", f"{address}/30", "dev", card)
        _do("ip", "-n", machine.namespace, "link", "set", card, "up")


def _remove_containers(client: docker.DockerClient) -> None:
    with contextlib.suppress(docker.errors.DockerException, OSError):
        remove(client.containers.list(ignore_removed=True, all=True))


def _words(number: int) -> str:
    """Return a process's command line, empty when there is no such process or it has ended."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
