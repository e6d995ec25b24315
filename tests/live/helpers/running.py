"""A partnership of our own to stand up: the shipped definitions under another name and on networks that nobody has.

So a demo that runs on the same machine is never touched, and no partnership whose name does not begin with `mh-` is.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import docker
from docker.models.containers import Container
from docker.models.networks import Network
from tests.networks import free_ports, in_files, lease, moved
from tests.waiting import wait_until

from moothall.model import filesname

PROJECT = Path(__file__).resolve().parents[3]
SHIPPED = PROJECT / "partnerships" / "northumberland-durham"
WEARDALE = "3e1b8a54-40c7-4a53-9a3c-95d1f3a0c1ab"
WEARDALES = "10.30.60.0/24"
"""The network of one more district at durham-dc, in the terms of the shipped partnership."""
PLACES = (
    "acceptance",
    "accept",
    "again",
    "apart",
    "change",
    "foreseen",
    "gathered",
    "handed-over",
    "leave",
    "little",
    "move",
    "own",
    "rotated",
    "sealed",
    "switch",
    "tagged",
    "trapped",
)
"""Every place of the tests; each is used by tests of one process alone (tests/conftest.py)."""
AT_ONCE = 4
"""How many containers are removed at once; with more of them leaving a network Docker 20.10 can lose count."""
MOOTHALL = ("-m", "moothall")
"""The words after Python's own that run the program."""
_PORT = re.compile(r"(?<=published-port: )\d+")


@dataclass(frozen=True, repr=False)
class Run:
    """What one command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        """The answer, asked for with --format json."""
        return json.loads(self.out)

    def __repr__(self) -> str:
        """Everything it printed, for the message of a failed test."""
        return f"exit {self.code}\n{self.out}\n{self.err}"


@dataclass(frozen=True)
class Place:
    """A root with definitions and a state of its own; `octets` says where the shipped partnership's networks are."""

    root: Path
    name: str
    octets: Mapping[int, int] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        """The state directory."""
        return self.root / ".moothall"

    @property
    def councils(self) -> Path:
        """The folder of the councils' files."""
        return self.root / "partnerships" / self.name / "councils"

    @property
    def ports(self) -> list[int]:
        """The ports of the instances at a council's loopback address, in the order in which they are defined."""
        return [int(port) for port in _PORT.findall((self.councils.parent / "partnership.yaml").read_text())]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of commands: the passphrase is in a file beside the state, never in it."""
        return os.environ | {"MOOTHALL_PASSPHRASE_FILE": str(self.root / "passphrase"), "NO_COLOR": "1"}

    def own(self, address: str) -> str:
        """Return what is here in the place of an address, network or text of the shipped partnership."""
        return moved(address, self.octets)

    def command(self, *words: str, program: Iterable[str] = MOOTHALL) -> list[str]:
        """Return the command line of a verb on this place."""
        return [sys.executable, *program, *words, "--root", str(self.root)]

    def run(
        self,
        *words: str,
        timeout: float = 600,
        environment: Mapping[str, str] | None = None,
        program: Iterable[str] = MOOTHALL,
        here: bool = False,
    ) -> Run:
        """Run a verb to its end, with more in its environment, or by another program, if need be.

        `here` is how people run it: in the root, without a word about where that or the state is.
        """
        command = self.command(*words, program=program)
        done = subprocess.run(
            command[: command.index("--root")] if here else command,
            cwd=self.root if here else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def containers(self) -> dict[str, Container]:
        """Return every container of the partnership, by name."""
        label = {"label": f"moothall.partnership={self.name}"}
        found = docker.from_env().containers.list(all=True, filters=label, ignore_removed=True)  # they come and go
        return {container.name: container for container in found}

    def probes(self) -> list[Container]:
        """Return the throw-away containers of the partnership that are there."""
        return docker.from_env().containers.list(
            all=True, filters={"label": f"moothall.probe={self.name}"}, ignore_removed=True
        )

    def ask(self, statement: str, database: str = "postgres", *, server: str = "erp.morpeth") -> str:
        """Return what a database server says past moothall and Tryton: to its superuser, or to a tenant in its own."""
        words = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", database, "-d", database, "-c", statement]
        container = self.containers()[f"{self.name}.{server}.postgres"]
        said: list[bytes] = []

        def let_in() -> bool:
            code, out = container.exec_run(words)
            said[:] = [out]
            if unknown := code == 2 and b"Peer authentication failed" in out:
                container.exec_run("write-access")
            else:
                assert code == 0, out
            return not unknown

        wait_until(let_in, lambda: said)
        return said[0].decode().strip()

    def identities(self) -> dict[str, tuple[str, str]]:
        """Return ID and start time of every container that ever starts: uploaders do not."""
        found = self.containers().items()
        return {name: (c.id, c.attrs["State"]["StartedAt"]) for name, c in found if not filesname.owner(name)}

    def volumes(self) -> dict[str, str]:
        """Return what tells each volume of the partnership from one recreated: inode and time of birth of its folder.

        The engine's own CreatedAt is no help: it changes whenever the folder does.
        """
        found = docker.from_env().volumes.list(filters={"label": f"moothall.partnership={self.name}"})
        return {volume.name: _birth(Path(volume.attrs["Mountpoint"]).parent) for volume in found}

    def own_volumes(self) -> dict[str, str]:
        """Return the volumes that hold something of their own, not the files of a container."""
        return {name: birth for name, birth in self.volumes().items() if not filesname.owner(name)}

    def copies(self) -> list[Container]:
        """Return the copies beside that restores have made of the partnership's instances."""
        label = {"label": f"moothall.restore={self.name}"}
        return docker.from_env().containers.list(all=True, filters=label, ignore_removed=True)

    def clear(self) -> None:
        """Remove everything that carries the partnership's label, however it came to be, its copies and its probes."""
        client = docker.from_env()
        label = {"label": f"moothall.partnership={self.name}"}
        remove([*self.containers().values(), *self.copies(), *self.probes()])
        networks = client.networks.list(filters=label)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            removed = list(pool.map(_removed, networks))
        if lost := [network.name for network, gone in zip(networks, removed, strict=True) if not gone]:
            warnings.warn(f"Docker has lost count of who is on {lost}: only its next start removes them", stacklevel=2)
        copies = {"label": f"moothall.restore={self.name}"}
        for volume in (*client.volumes.list(filters=label), *client.volumes.list(filters=copies)):
            volume.remove(force=True)


def _removed(network: Network) -> bool:
    """Remove a network; say whether it went: of one that nobody is on Docker 20.10 can have lost count, for good."""
    try:
        network.remove()
    except docker.errors.APIError as error:
        network.reload()
        if "has active endpoints" not in str(error) or network.containers:
            raise
        return False
    return True


def remove(containers: Iterable[Container]) -> None:
    """Remove containers, several at once: one after the other a partnership takes half a minute."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda container: container.remove(force=True, v=True), containers))


def _birth(folder: Path) -> str:
    return subprocess.run(["stat", "-c", "%i %W", folder], capture_output=True, text=True, check=True).stdout.strip()


def whole(root: Path, name: str) -> Place:
    """Write the shipped partnership below `root` as `mh-<name>`, on networks and ports that nobody has."""
    assert name in PLACES
    place = Place(root, f"mh-{name}", _octets(name))
    folder = root / "partnerships" / place.name
    shutil.copytree(SHIPPED, folder)
    for file in folder.rglob("*.yaml"):
        file.write_text(place.own(file.read_text().replace(SHIPPED.name, place.name)))
    _move_ports(place, folder / "partnership.yaml")
    (root / "passphrase").write_text("a passphrase for tests alone\n")
    (root / "passphrase").chmod(0o600)
    return place


@cache
def _octets(name: str) -> Mapping[int, int]:
    """Return the second octets of a place by those of the shipped partnership, the same all through a process."""
    shipped = sorted(in_files(SHIPPED))
    return dict(zip(shipped, lease(len(shipped)), strict=True))


def _move_ports(place: Place, file: Path) -> None:
    text, ports = file.read_text(), free_ports(place.ports)
    file.write_text(_PORT.sub(lambda found: str(ports[int(found[0])]), text))


def small(root: Path, name: str) -> Place:
    """Write a partnership below `root` with the ERP alone and its two tenants: quick to stand up and take down."""
    place = whole(root, name)
    for file in place.councils.iterdir():
        if file.stem not in ("northumberland", "durham", "derwentside"):
            file.unlink()
    partnership = place.councils.parent / "partnership.yaml"
    text = partnership.read_text()
    partnership.write_text(text[: text.index("    crm:\n")])
    for file in place.councils.iterdir():
        file.write_text(without_crm(file.read_text()))
    return place


def weardale(place: Place, *, uid: str = WEARDALE, leaves: bool = False) -> Path:
    """Write the file of a district that uses the ERP, and has left it if that is said."""
    network = place.own(WEARDALES)
    file = place.councils / "weardale.yaml"
    gone = "  notice-given: 2024-01-01\n  leaves: 2026-06-01\n" if leaves else ""
    file.write_text(f"""\
apiVersion: moothall/v1
kind: Council
metadata: {{name: weardale, uid: {uid}, title: Weardale District Council}}
spec:
  joined: 2007-04-01
{gone}  site: durham-dc
  network: {network}
  uses:
    erp: {{modules: {{finance: {{}}}}}}
""")
    return file


def without_crm(text: str) -> str:
    """Return a council's file without its use of the CRM; one that uses nothing else uses nothing."""
    text = re.sub(r"    crm:\n(      .*\n)+", "", text)
    return text.replace("  uses:\n", "  uses: {}\n") if text.rstrip().endswith("uses:") else text


def join(place: Place, name: str, network: str, uid: str) -> Path:
    """Join a council as a person would: copy a council's file, change name, uid and network."""
    text = (place.councils / "teesdale.yaml").read_text()
    text = text.replace("teesdale", name).replace("Teesdale", name.capitalize())
    text = re.sub(r"uid: .*", f"uid: {uid}", text)
    text = re.sub(r"  network: .*", f"  network: {network}", text)
    file = place.councils / f"{name}.yaml"
    file.write_text(text)
    return file
