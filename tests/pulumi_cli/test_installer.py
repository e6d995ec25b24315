"""`tools/pulumi/install` believes the sums of this repository, and says so where there is none."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from moothall import paths
from moothall.pulumi_cli.installation import CLI_VERSION, PLUGIN_VERSION

TOOLS = paths.PROJECT / "tools" / "pulumi"
SUMS = (TOOLS / "sums").read_text(encoding="utf-8")
SYSTEM = platform.system().lower()
ARM = platform.machine() in ("aarch64", "arm64")
CLI = f"pulumi-v{CLI_VERSION}-{SYSTEM}-{'arm64' if ARM else 'x64'}.tar.gz"
PLUGIN = f"pulumi-resource-docker-v{PLUGIN_VERSION}-{SYSTEM}-{'arm64' if ARM else 'amd64'}.tar.gz"
CURL = """#!/bin/sh
# Downloads from a folder: the last word is the address, the one after --output the file.
while [ $# -gt 1 ]; do [ "$1" = --output ] && file=$2; shift; done
cp "$OFFERED/$(basename "$1")" "$file"
"""


class Desk:
    """A copy of the installer, and what the world offers for download."""

    def __init__(self, place: Path) -> None:
        self.place, self.offered, self.target = place, place / "offered", place / "target"
        shutil.copytree(TOOLS, place / "tools")
        self.sums = place / "tools" / "sums"
        self.offered.mkdir()
        self._curl()
        self._archive(CLI, "pulumi/pulumi")
        self._archive(PLUGIN, "pulumi-resource-docker")

    def _curl(self) -> None:
        program = self.place / "bin" / "curl"
        program.parent.mkdir()
        program.write_text(CURL)
        program.chmod(0o755)

    def _archive(self, name: str, member: str) -> None:
        (self.place / "content").write_text(name)
        with tarfile.open(self.offered / name, "w:gz") as archive:
            archive.add(self.place / "content", member)

    def listed(self, *names: str) -> str:
        """Return the sums of what is offered, as sha256sum writes them."""
        return "".join(f"{hashlib.sha256((self.offered / n).read_bytes()).hexdigest()}  {n}\n" for n in names)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the installer."""
        path = f"{self.place / 'bin'}:{os.environ['PATH']}"
        environment = {"PATH": path, "OFFERED": str(self.offered), "MOOTHALL_PULUMI": str(self.target)}
        command = [self.place / "tools" / "install", *words]
        return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk where nothing is installed."""
    return Desk(tmp_path)


def test_what_its_sum_says_is_installed(desk: Desk) -> None:
    """Program and plug-in stand where the engine looks for them."""
    desk.sums.write_text(desk.listed(CLI, PLUGIN))
    ran = desk.run()

    assert (ran.returncode, ran.stderr) == (0, "")
    assert (desk.target / "bin" / "pulumi").read_text() == CLI
    assert (desk.target / "plugins" / f"resource-docker-v{PLUGIN_VERSION}" / "pulumi-resource-docker").is_file()


def test_another_archive_is_refused_though_its_publisher_vouches_for_it(desk: Desk) -> None:
    """Whoever can change the archive can change the list of sums that lies beside it."""
    offered = desk.listed(CLI, PLUGIN)
    (desk.offered / f"pulumi-{CLI_VERSION}-checksums.txt").write_text(offered)
    (desk.offered / f"pulumi-docker_{PLUGIN_VERSION}_checksums.txt").write_text(offered)
    desk.sums.write_text(f"{'0' * 64}  {CLI}\n{'0' * 64}  {PLUGIN}\n")
    ran = desk.run()

    assert ran.returncode == 1
    assert f"{CLI} is not what its checksum says; nothing was installed" in ran.stderr
    assert not desk.target.exists()


def test_an_archive_without_a_sum_is_held_against_its_publishers_list_and_that_is_said(desk: Desk) -> None:
    """The plug-in's sums are in no second source that we know; what its publisher lists is installed, or nothing."""
    desk.sums.write_text(desk.listed(CLI))
    (desk.offered / f"pulumi-{CLI_VERSION}-checksums.txt").write_text("")
    published = desk.offered / f"pulumi-docker_{PLUGIN_VERSION}_checksums.txt"
    for content, reason in (("", "does not name"), (f"{'0' * 64}  {PLUGIN}\n", "is not what its checksum says")):
        published.write_text(content)
        ran = desk.run()
        assert ran.returncode == 1
        assert reason in ran.stderr
        assert not desk.target.exists()
    published.write_text(desk.listed(PLUGIN))
    ran = desk.run()

    assert ran.returncode == 0
    assert f"has no checksum of {PLUGIN}" in ran.stderr
    assert "--record" in ran.stderr
    assert (desk.target / "plugins" / f"resource-docker-v{PLUGIN_VERSION}" / "pulumi-resource-docker").is_file()


def test_the_publishers_sums_are_recorded_for_all_platforms_or_not_at_all(desk: Desk) -> None:
    """Of the two lists the eight archives; an incomplete list changes nothing."""
    machines = [(system, machine) for system in ("darwin", "linux") for machine in ("64", "arm64")]
    cli = [f"pulumi-v{CLI_VERSION}-{s}-{m.replace('64', 'x64') if m == '64' else m}.tar.gz" for s, m in machines]
    plugin = [f"pulumi-resource-docker-v{PLUGIN_VERSION}-{s}-{'amd64' if m == '64' else m}.tar.gz" for s, m in machines]
    sums = {name: hashlib.sha256(name.encode()).hexdigest() for name in (*cli, *plugin, "pulumi-v1-windows-x64.zip")}
    first, second = (
        desk.offered / f"pulumi-{CLI_VERSION}-checksums.txt",
        desk.offered / f"pulumi-docker_{PLUGIN_VERSION}_checksums.txt",
    )
    first.write_text("".join(f"{sums[name]}  {name}\n" for name in (*cli, "pulumi-v1-windows-x64.zip")))
    second.write_text("".join(f"{sums[name]}  {name}\n" for name in plugin[1:]))
    before = desk.sums.read_text()

    assert desk.run("--record").returncode == 1
    assert desk.sums.read_text() == before
    second.write_text("".join(f"{sums[name]}  {name}\n" for name in plugin))
    assert desk.run("--record").returncode == 0
    lines = desk.sums.read_text().splitlines()
    assert sorted(lines) == sorted(f"{sums[name]}  {name}" for name in (*cli, *plugin))


def test_the_sums_in_the_repository_are_of_the_pinned_versions() -> None:
    """A new version without new sums is seen here; the CLI has those of its four platforms."""
    names = [line.split("  ")[1] for line in SUMS.splitlines()]
    pinned = (f"pulumi-v{CLI_VERSION}-", f"pulumi-resource-docker-v{PLUGIN_VERSION}-")

    assert all(re.fullmatch(r"[0-9a-f]{64}  \S+", line) for line in SUMS.splitlines())
    assert all(name.startswith(pinned) for name in names)
    assert {f"{pinned[0]}{s}-{m}.tar.gz" for s in ("darwin", "linux") for m in ("arm64", "x64")} <= {*names}
