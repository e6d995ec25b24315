"""What a standing partnership costs while nobody does anything: processors and memory of its containers, a tenant.

A container's own processes are counted, by its control group; the engine's work for them is measured beside it.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench.table import Row

GROUPS = ("/sys/fs/cgroup/system.slice/docker-{}.scope", "/sys/fs/cgroup/docker/{}", "/sys/fs/cgroup/cpuacct/docker/{}")
"""Where a container's control group is: version 2 under systemd or not, version 1."""
PROCESSOR_SHARE, MEGABYTES = 0.5, 150.0
"""What a tenant may take: percent of one processor, and memory in MB."""


def rows(partnership: str, instance: str, tenants: int, seconds: float) -> Iterator[Row]:
    """Watch the containers of an instance for some seconds; yield what one of its tenants takes, the database's too."""
    groups = [_group(line.split()[0]) for line in _containers(partnership) if instance in line.split()[1]]
    before, since = sum(map(_processors, groups)), time.monotonic()
    time.sleep(seconds)
    share = (sum(map(_processors, groups)) - before) / (time.monotonic() - since) * 100 / tenants
    memory = sum(map(_memory, groups)) / tenants
    yield Row("idle: processor, a tenant", f"{share:.2f} %", share, " %", most=PROCESSOR_SHARE)
    yield Row("idle: memory, a tenant", f"{memory:.0f} MB", memory, " MB", most=MEGABYTES)


def _containers(partnership: str) -> list[str]:
    """Return a line with id and name for each running container."""
    label = f"label=moothall.partnership={partnership}"
    words = ["docker", "ps", "--no-trunc", "--filter", label, "--format", "{{.ID}} {{.Names}}"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()


def _group(container: str) -> Path:
    return next(path for path in (Path(group.format(container)) for group in GROUPS) if path.exists())


def _processors(group: Path) -> float:
    """Return the seconds of processors that a container has used."""
    version_1 = group / "cpuacct.usage"
    if version_1.exists():
        return int(version_1.read_text()) / 1e9
    return int((group / "cpu.stat").read_text().split()[1]) / 1e6


def _memory(group: Path) -> float:
    """Return the memory in MB of a container's processes; what several of them share is divided (proc(5), Pss)."""
    return sum(map(_proportional, (group / "cgroup.procs").read_text().split()))


def _proportional(process: str) -> float:
    try:
        told = Path(f"/proc/{process}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has ended
    found = re.search(r"^Pss: +(\d+)", told, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
