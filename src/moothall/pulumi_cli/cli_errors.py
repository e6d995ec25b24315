"""What the CLI and its plug-ins say went wrong, without what they wrap it in."""

from __future__ import annotations

import re

_STREAM = re.compile(r"^(?:stdout|stderr):\s*")
_CODE = re.compile(r"^code: -?\d+$")
_WRAPPED = (
    re.compile(r"^\S+\.go:\d+: (?:sdk\.helper_schema: )?"),  # where in the plug-in's source
    re.compile(r": provider=[\w-]+@[\w.+-]+$"),
    re.compile(r"^\d+ errors? occurred:\s*"),
    re.compile(r"^\*\s*"),
    re.compile(r"^(?:creating|updating|deleting|refreshing) urn:\S+:\s*"),
)
_ONLY_THAT = re.compile(r"^(?:update|preview|destroy|refresh|import) failed$")


def last_error(text: str) -> str:
    """The last error in what the CLI wrote, else its last line."""
    lines = [_STREAM.sub("", line.strip()) for line in text.splitlines()]
    lines = [line for line in lines if line and not _CODE.match(line)]
    errors = [line for line in lines if line.startswith("error:")] or lines or [""]
    return errors[-1].removeprefix("error:").strip().rstrip(".")


def cause(text: str) -> str:
    """A message of the engine as its cause, line by line; empty where it says only that something failed.

    The plug-in logs the cause, with the place in its source, and the engine tells it once more with the resource.
    """
    lines = [line for line in map(_unwrap, text.splitlines()) if line]
    return "" if len(lines) == 1 and _ONLY_THAT.match(lines[0]) else "\n".join(lines)


def _unwrap(line: str) -> str:
    previous = ""
    line = line.strip()
    while line != previous:
        previous = line
        for wrapping in _WRAPPED:
            line = wrapping.sub("", line)
    return line
