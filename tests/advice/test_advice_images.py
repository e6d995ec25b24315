"""Each failure to have images is made, what it advises is done, and `up` gets further."""

from __future__ import annotations

import pytest
from tests.advice.taking import Operator
from tests.advice.walking import Case, walk
from tests.fakes.provided import Machine

SOUND = "#!/bin/sh\nfor last; do :; done\n: > $last\n"
BROKEN = "#!/bin/sh\necho no mirror is reached >&2\nexit 1\n"
PINNED = "debian@sha256:" + "0" * 64


def program(at: Operator, text: str) -> None:
    """Have a program mmdebstrap, and no other, on this machine."""
    folder = at.root.parent / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "mmdebstrap").write_text(text)
    (folder / "mmdebstrap").chmod(0o755)
    at.patch.setenv("PATH", str(folder))


def none(at: Operator, machine: Machine) -> None:
    """There is no image, and nothing to make the first one with."""
    machine.images.clear()
    at.patch.setenv("PATH", str(at.root))
    at.acts["^apt-get install mmdebstrap"] = lambda text: program(at, SOUND)


def unreached(at: Operator, machine: Machine) -> None:
    """Debian's mirror is not reached."""
    machine.images.clear()
    program(at, BROKEN)
    at.acts["^apt-get update"] = lambda text: program(at, SOUND)


def full(at: Operator, machine: Machine) -> None:
    """The engine has no room for the first image."""
    machine.images.clear()
    program(at, SOUND)
    machine.broken = "no space left on device"


def unpinned(at: Operator, machine: Machine) -> None:
    """The image that is to be taken instead is not named by its digest."""
    machine.images.clear()
    program(at, SOUND)
    at.patch.setenv("MOOTHALL_BASE_IMAGE", "debian:12")


def absent(at: Operator, machine: Machine) -> None:
    """The image that is to be taken instead is not there."""
    machine.images.clear()
    at.patch.setenv("MOOTHALL_BASE_IMAGE", PINNED)


def failing(at: Operator, machine: Machine) -> None:
    """A step of a build fails."""
    machine.images = {tag for tag in machine.images if "/base:" in tag}
    machine.broken = "apt-get ended with 100"


def unanswered(at: Operator, machine: Machine) -> None:
    """The engine does not answer who asks for images."""
    machine.imageless = True


CASES = {
    "no mmdebstrap": Case(none, "docker_engine/images/debian.py:_program", ["apt-get"]),
    "no mirror": Case(unreached, "docker_engine/images/debian.py:_bootstrap", ["apt-get"]),
    "no room": Case(full, "docker_engine/images/debian.py:_import", ["docker"]),
    "an image that is not pinned": Case(unpinned, "docker_engine/images/debian.py:pinned_base_image", ["unset"]),
    "an image that is not there": Case(absent, "docker_engine/images/debian.py:_adopt", ["docker"]),
    "a build that fails": Case(failing, "docker_engine/images/dockerfile.py:_follow", ["read"]),
    "no answer": Case(unanswered, "docker_engine/images/host.py:_connect", ["docker"]),
}


@pytest.mark.parametrize("case", CASES)
def test_there_are_images_in_the_end(operator: Operator, machine: Machine, case: str) -> None:
    """Whatever it was that failed."""
    walk(operator, machine, CASES[case], "up", "--yes")
    assert machine.images
