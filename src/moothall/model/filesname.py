"""The names of what holds a container's files: the uploader that puts them in, and the volume that they are in.

Both are made of the container's name, so that whoever meets one of them on an engine knows whose it is.
"""

from __future__ import annotations

import re

FOLDER = "/cfg"
"""Where every container has its files."""
DIGITS = 10
"""Hexadecimal digits that tell one content of the files from another."""
_NAME = re.compile(rf"(.+)-files(?:-[0-9a-f]{{{DIGITS}}})?")


def uploader(container: str) -> str:
    """Return the name of the container, never started, through which the files of `container` are put in."""
    return f"{container}-files"


def volume(container: str, digest: str) -> str:
    """Return the name of the volume that holds these files of `container`."""
    return f"{uploader(container)}-{digest}"


def owner(name: str) -> str | None:
    """Return the container whose files an object of this name holds, None for the name of anything else."""
    match = _NAME.fullmatch(name)
    return match[1] if match else None


def holds_files(kind: str, name: str) -> bool:
    """Say whether an object of this Pulumi type and name only holds the files of a container; a network never does."""
    return not kind.endswith(":Network") and owner(name) is not None
