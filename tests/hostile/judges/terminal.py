"""What a terminal or the log of a pipeline may be shown: characters that are drawn, and colours of our own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moothall.model.characters import UNSEEN

OURS = re.compile(r"\x1b\[(?:0|1|1;31|32|33|34|2)m")
_UNSEEN = re.compile(f"[{UNSEEN}]")
_ORDER = re.compile(r"\s*::[^:]*evil|\s*::[A-Za-z-]+(?: [^:]*)?::|.*##(?:vso)?\[")
"""A command of GitHub Actions (ActionCommand.cs of actions/runner: `::` where a line begins, `##[` anywhere), or of
Azure Pipelines."""
_ANNOTATION = re.compile(r"::(?:error|warning) file=")


def complaints(output: str) -> Iterator[str]:
    """Yield what a terminal would obey, or hide, and lines that somebody else has begun or addressed to a pipeline."""
    text = OURS.sub("", output)
    for number, line in enumerate(text.split("\n"), 1):
        if not line.replace("\t", "").isprintable() or _UNSEEN.search(line):
            yield f"line {number} has characters that are not drawn: {line!r}"
        if line.startswith("evil line"):
            yield f"line {number} is somebody else's: {line!r}"
        if _ORDER.match(line) and not _ANNOTATION.match(line):
            yield f"line {number} is an order: {line!r}"
