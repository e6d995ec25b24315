"""Files that a container takes in place: decided in memory, put into a real one that runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import docker
import pytest
from tests.pulumi_engine.lab import FOREVER, LABEL, Lab, Words, ops
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall.pulumi_engine.steps.reload_in_place import LABEL as REFRESH

COPY = ("/bin/sh", "-c", "cp /cfg/own /tmp/read")


def declare(
    own: str,
    other: str = "same",
    *,
    files: tuple[str, ...] = ("/cfg/own",),
    command: tuple[str, ...] = COPY,
    path: str = "/cfg/own",
) -> Any:
    """A program with one container of two files, of which it takes some in place, and the uploader of both."""

    def program(w: Words) -> None:
        upload, label = w.docker.ContainerUploadArgs, w.docker.ContainerLabelArgs
        taken = json.dumps({"files": files, "container": w.name_of("app"), "command": command}, sort_keys=True)
        volume, uploader = w.uploaded(
            "app-files",
            [upload(file=path, content=own), upload(file="/cfg/other", content=other)],
            labels=[label(label=LABEL, value=w.owner), label(label=REFRESH, value=taken)],
        )
        w.container(
            "app",
            w.pulumi.ResourceOptions(depends_on=[uploader]),
            command=FOREVER,
            read_only=True,
            tmpfs={"/tmp": "size=1m"},
            mounts=w.mounted(volume, "/cfg", read_only=True),
        )

    return program


@pytest.mark.parametrize(
    ("after", "op"),
    [
        (declare("2"), "update"),
        (declare("2", other="changed"), "replace"),
        (declare("1", other="changed"), "replace"),
        (declare("2", command=()), "replace"),
        (declare("2", files=("/cfg/own", "/cfg/other")), "replace"),
        (declare("1", path="/cfg/elsewhere"), "replace"),
    ],
)
def test_what_is_taken_in_place(tmp_path: Path, after: Any, op: str) -> None:
    """The content of the files that the label names, and nothing else; not when the label itself is another."""
    lab = MemoryLab(tmp_path)
    lab.up(declare("1"))

    assert set(ops(lab.up(after)).values()) == {op}
    assert ops(lab.up(after)) == {}


def test_a_running_container_reads_its_new_file(lab: Lab, client: docker.APIClient) -> None:
    """It stays the same container, has the new content, and was told to read it."""
    lab.up(declare("1"))
    before = client.inspect_container(lab.name("app"))

    outcome = lab.up(declare("2"))

    after = client.inspect_container(lab.name("app"))
    assert outcome.status == "succeeded"
    assert (after["Id"], after["State"]["StartedAt"]) == (before["Id"], before["State"]["StartedAt"])
    made = client.exec_create(lab.name("app"), ["cat", "/cfg/own", "/tmp/read"])
    assert client.exec_start(made) == b"22"


def test_a_container_that_does_not_read_is_told_again(lab: Lab, client: docker.APIClient) -> None:
    """The failure is said with the command's own words; the next up tries once more."""
    refuses = ("/bin/sh", "-c", "test -e /tmp/willing || { echo not now; exit 3; }")
    lab.up(declare("1", command=refuses))

    failed = lab.up(declare("2", command=refuses))
    client.exec_start(client.exec_create(lab.name("app"), ["touch", "/tmp/willing"]))

    assert failed.status == "failed"
    assert "ended with 3" in failed.failures[0].message
    assert "not now" in failed.failures[0].message
    assert set(ops(lab.up(declare("2", command=refuses))).values()) == {"update"}
