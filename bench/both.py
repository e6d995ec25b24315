"""One program by Pulumi's own CLI and plug-in against the embedded engine: whole lives, interleaved."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench.engine import seconds, sound
from bench.table import Row

ROUNDS = 3
CONTAINERS = 6
STEPS = ("up", "preview, nothing changed", "a change of one container's files", "destroy")
TITLE = f"{CONTAINERS} containers with their files, by Pulumi's CLI and plug-in, median of {ROUNDS} interleaved rounds"


def rows() -> Iterator[Row]:
    """Measure and yield the rows; ratios above 1 say that Pulumi takes longer."""
    import docker
    from tests.pulumi_engine.lab import HOST, IMAGE

    from moothall.pulumi_cli import NotInstalled, Pulumi, find

    try:
        pulumi = Pulumi(find(os.environ))
        there = docker.APIClient(HOST, version="auto").images(IMAGE)
    except (NotInstalled, docker.errors.DockerException) as error:
        yield Row("one life by both engines", "", skipped=str(error).splitlines()[0])
        return
    if not there:
        yield Row("one life by both engines", "", skipped=f"the image {IMAGE} is not there; the engine's tests make it")
        return
    from moothall import pulumi_engine

    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    for _ in range(ROUNDS):
        ours.append(_life(pulumi_engine))
        theirs.append(_life(pulumi))
    for at, work in enumerate(STEPS):
        base, spent = (median(each[at] for each in found) for found in (ours, theirs))
        yield Row(work, f"{spent:.2f} s", spent / base, "x", f"the embedded engine, {base:.2f} s")


def _life(runner: Any) -> list[float]:
    """Seconds of each of `STEPS`."""
    from tests.pulumi_engine.lab import Lab

    with tempfile.TemporaryDirectory(prefix="moothall-bench-") as folder:
        lab = Lab(f"mhb-{secrets.token_hex(3)}", Path(folder), declarative=True)
        first, then = (lab.run(_declared(text)) for text in ("1", "2"))
        return [
            seconds(lambda: sound(runner.up(first, lab.backend))),
            seconds(lambda: runner.preview(first, lab.backend)),
            seconds(lambda: sound(runner.up(then, lab.backend))),
            seconds(lambda: sound(runner.destroy("bench", "dev", lab.backend, lab.owner(), with_data=True))),
        ]


def _declared(text: str) -> Any:
    """Return the program; `text` is what is in the file of the first container."""
    from tests.pulumi_engine.lab import Words

    def declare(w: Words) -> None:
        for at in range(CONTAINERS):
            content = text if at == 0 else "as it was"
            upload = w.docker.ContainerUploadArgs(file="/cfg/settings", content=content)
            volume, uploader = w.uploaded(f"app{at}-files", [upload])
            after = w.pulumi.ResourceOptions(depends_on=[uploader])
            w.container(f"app{at}", after, read_only=True, mounts=w.mounted(volume, "/cfg", read_only=True))

    return declare
