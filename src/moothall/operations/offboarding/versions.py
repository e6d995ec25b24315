"""Which programs an export is of: PostgreSQL as the server says, Tryton as the image pins it."""

from __future__ import annotations

import re
from pathlib import Path

from moothall.postgres.server import DatabaseServer

PINS = "requirements.txt"
_PINNED = re.compile(r"^([a-z0-9-]+)==([0-9][\w.]*)", re.MULTILINE)
_KERNEL = "trytond"


def versions(server: DatabaseServer, pins: str) -> dict[str, str]:
    """Return the versions of PostgreSQL and Tryton; `pins` is the text of the application image's requirements."""
    return {
        "postgresql": server.version(),
        "tryton": dict(_PINNED.findall(pins))[_KERNEL],
    }


def module_versions(pins: str) -> dict[str, str]:
    """Return the version of each Tryton module by its name in the database; two of them are in Tryton itself."""
    pinned_versions = dict(_PINNED.findall(pins))
    prefix = f"{_KERNEL}-"
    modules = {
        name.removeprefix(prefix).replace("-", "_"): pinned_versions[name]
        for name in pinned_versions
        if name.startswith(prefix)
    }
    return {"ir": pinned_versions[_KERNEL], "res": pinned_versions[_KERNEL], **modules}


def pins(images: Path) -> str:
    """Return the text of the application image's requirements, below the folder of the platform images."""
    return (images / "tryton" / PINS).read_text(encoding="ascii")
