"""Small JSON files of names and values, kept beside the state; losing them costs a check, nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from moothall import atomic_file, json_text, private


def read(path: Path) -> dict[str, str]:
    """Return the entries of a file; empty if it does not exist or is not a JSON object."""
    try:
        data = json_text.parse(path.read_text())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def write(path: Path, entries: Mapping[str, str]) -> None:
    """Replace the entries of a file, atomically. Raises OSError."""
    private.folder(path.parent)
    text = json.dumps(dict(entries), indent=1, sort_keys=True) + "\n"
    atomic_file.replace(path, text.encode(), durable=False)
