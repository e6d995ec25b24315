"""Workflow commands: only annotations of ours, with our properties."""

from __future__ import annotations

import re
from collections.abc import Iterator

_COMMAND = re.compile(r"::(error|warning) ([^:]*)::")
_PROPERTIES = {"file", "line", "endLine", "col", "endColumn", "title"}


def complaints(output: str) -> Iterator[str]:
    """Yield each line that is a command of somebody else's making. The other lines are the terminal's."""
    for line in output.split("\n"):
        if not line.lstrip().startswith("::"):
            continue
        command = _COMMAND.match(line)
        if not command:
            yield f"no annotation: {line!r}"
            continue
        properties = [item.partition("=") for item in command[2].split(",")]
        names = [name for name, _, _ in properties]
        if not _PROPERTIES.issuperset(names) or len(names) != len(set(names)):
            yield f"properties of somebody else: {line!r}"
