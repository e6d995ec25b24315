"""A small stack of the project's own kind, on the real engine and in a state directory of its own, to be attacked.

It is made by the engine's own functions and looked at through the command line, which knows it by its name and labels.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from tests.pulumi_engine.lab import Declare, Lab, Words

from moothall import pulumi_engine

PROJECT = "moothall"
OWNER = "moothall.owner"
SECRET = "the-very-secret-canary-9f3a"


class OurWords(Words):
    """Words whose objects carry the label by which the command line knows them."""

    def _labels(self, form: Any) -> list[Any]:
        return [form(label=OWNER, value=self.owner)]


class Ground(Lab):
    """A bench whose one stack is named as the command line expects: `<prefix>.unit.site`."""

    @property
    def state(self) -> Path:
        """The state directory."""
        return self.root / "state"

    @property
    def stack(self) -> str:
        """The stack's name."""
        return f"{self.prefix}.unit.site"

    @property
    def backend(self) -> pulumi_engine.Backend:
        """The state."""
        return pulumi_engine.Backend(self.state, lambda: self.passphrase_file.read_text().strip())

    @property
    def passphrase_file(self) -> Path:
        """Where the passphrase is, beside the state."""
        file = self.root / "passphrase"
        if not file.exists():
            file.touch(0o600)
            file.write_text("a passphrase of the attackers\n")
        return file

    def owner(self, stack: str = "") -> tuple[str, str]:
        """The ownership label of a stack."""
        return OWNER, f"{stack or self.stack}@{self.prefix}"

    def run(self, declare: Declare, stack: str = "") -> pulumi_engine.StackRun:
        """A run of a program."""

        def program() -> None:
            declare(OurWords(self.prefix, self.owner(stack)[1], self.host))

        return pulumi_engine.StackRun(PROJECT, stack or self.stack, program, self.owner(stack))

    def up(self, declare: Declare, stack: str = "", **how: Any) -> pulumi_engine.Outcome:
        """Run `up`."""
        return pulumi_engine.up(self.run(declare, stack), self.backend, **how)

    def preview(self, declare: Declare, stack: str = "", **how: Any) -> pulumi_engine.Outcome:
        """Run `preview`."""
        return pulumi_engine.preview(self.run(declare, stack), self.backend, **how)

    def destroy(self, *, with_data: bool, stack: str = "") -> pulumi_engine.Outcome:
        """Run `destroy`."""
        return pulumi_engine.destroy(PROJECT, stack or self.stack, self.backend, self.owner(stack), with_data=with_data)

    def checkpoint(self, stack: str = "") -> dict[str, Any]:
        """The deployment object of the checkpoint."""
        text = self.backend.checkpoint(PROJECT, stack or self.stack).read_text()
        latest: dict[str, Any] = json.loads(text)["checkpoint"]["latest"]
        return latest

    def moothall(self, *words: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        """Run a verb of the command line on this state, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "moothall", *words, "--state", str(self.state)],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
            input=answer,
        )

    def environment(self) -> dict[str, str]:
        """The environment of a command."""
        return os.environ | {"MOOTHALL_PASSPHRASE_FILE": str(self.passphrase_file), "NO_COLOR": "1"}

    def names(self, client: Any) -> list[str]:
        """The names of everything on the engine that carries the label of any stack of this ground."""
        containers = [(i["Names"][0].lstrip("/"), i["Labels"]) for i in client.containers(all=True)]
        networks = [(i["Name"], i["Labels"] or {}) for i in client.networks()]
        volumes = [(i["Name"], i["Labels"] or {}) for i in client.volumes()["Volumes"] or ()]
        found = [*containers, *networks, *volumes]
        return sorted(name for name, labels in found if labels.get(OWNER, "").endswith(f"@{self.prefix}"))

    def clear(self, client: Any) -> None:
        """Remove everything that carries the label, and what a test put beside it, by its prefix."""
        for item in client.containers(all=True):
            if self.mine(item["Names"][0].lstrip("/"), item["Labels"]):
                client.remove_container(item["Id"], v=True, force=True)
        for item in client.networks():
            if self.mine(item["Name"], item["Labels"]):
                client.remove_network(item["Id"])
        for item in client.volumes()["Volumes"] or ():
            if self.mine(item["Name"], item["Labels"]):
                client.remove_volume(item["Name"], force=True)

    def mine(self, name: str, labels: dict[str, str] | None) -> bool:
        """Whether an object is of this ground."""
        return name.startswith(f"{self.prefix}-") or (labels or {}).get(OWNER, "").endswith(f"@{self.prefix}")


def rich(subnet: str) -> Declare:
    """A network, a protected volume, and a service that uses every kind of property."""

    def declare(w: Words) -> None:
        d = w.docker
        network = w.network("net", ipam_configs=[d.NetworkIpamConfigArgs(subnet=subnet)])
        volume = w.volume("data", w.pulumi.ResourceOptions(protect=True, retain_on_delete=True))
        files = [
            d.ContainerUploadArgs(file="/cfg/key", content=w.pulumi.Output.secret(SECRET), permissions="0440"),
            d.ContainerUploadArgs(file="/cfg/settings", content="a = 1\n", permissions="0444"),
        ]
        held, uploader = w.uploaded("app-files", files)
        w.container(
            "app",
            w.pulumi.ResourceOptions(depends_on=[uploader]),
            envs=["A=1"],
            user="1000:0",
            read_only=True,
            memory=64,
            memory_swap=64,
            cpu_shares=512,
            shm_size=32,
            tmpfs={"/tmp": "size=1m"},
            networks_advanced=w.joined(network, aliases=["front"], ipv4_address=str(ip_network(subnet)[9])),
            mounts=[*w.mounted(volume), *w.mounted(held, "/cfg", read_only=True)],
            healthcheck=d.ContainerHealthcheckArgs(tests=["CMD", "true"], interval="1m0s", timeout="5s", retries=3),
            capabilities=d.ContainerCapabilitiesArgs(drops=["ALL"]),
            security_opts=["no-new-privileges"],
            ulimits=[d.ContainerUlimitArgs(name="nofile", soft=1024, hard=1024)],
            log_driver="json-file",
            log_opts={"max-size": "1m"},
            dns=["127.0.0.1"],
            dns_opts=["attempts:1"],
            stop_timeout=3,
            restart="on-failure",
            max_retry_count=2,
        )

    return declare


def working(env: str, subnet: str) -> Declare:
    """A network, a protected volume, a service on both with files, and a job that writes into the volume."""

    def declare(w: Words) -> None:
        d = w.docker
        # Without a subnet: stacks that stand at the same time must not ask for the same addresses.
        pools = [d.NetworkIpamConfigArgs(subnet=subnet)] if subnet else None
        network = w.network("net", ipam_configs=pools)
        volume = w.volume("data", w.pulumi.ResourceOptions(protect=True, retain_on_delete=True))
        files = [d.ContainerUploadArgs(file="/cfg/key", content=w.pulumi.Output.secret(f"{SECRET} {env}"))]
        held, uploader = w.uploaded("app-files", files)
        service = w.container(
            "app",
            w.pulumi.ResourceOptions(depends_on=[uploader]),
            envs=[f"A={env}"],
            networks_advanced=w.joined(network, aliases=["app"]),
            mounts=[*w.mounted(volume), *w.mounted(held, "/cfg", read_only=True)],
        )
        after = w.pulumi.ResourceOptions(depends_on=[service])
        w.job("job", f"echo {env} >> /data/runs", after, mounts=w.mounted(volume))

    return declare
