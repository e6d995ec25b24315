"""Names and what is known of each, remembered beside the state; losing them costs a check, nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from moothall import private


def read(path: Path) -> dict[str, str]:
    """Return what is remembered, nothing where there is no file or none of ours."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write(path: Path, known: Mapping[str, str]) -> None:
    """Remember this and nothing else; the file is there as a whole or as it was."""
    private.folder(path.parent)
    new = path.with_suffix(f".{os.getpid()}.new")
    private.write(new, json.dumps(dict(known), indent=1, sort_keys=True) + "\n")
    new.replace(path)
