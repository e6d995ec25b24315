"""What a change does to files, as a unified diff that `git apply` and `patch -p1` take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import unified_diff

_CUT = "\\ No newline at end of file\n"


def file_diff(changes: Mapping[str, tuple[str | None, str]]) -> str:
    """Return the diff of texts, by path: the text before, None for a new file, and the text after."""
    return "".join(line for path, (before, after) in sorted(changes.items()) for line in _lines(path, before, after))


def _lines(path: str, before: str | None, after: str) -> Iterator[str]:
    old = (before or "").split("\n")
    new = after.split("\n")
    named = "/dev/null" if before is None else f"a/{path}"
    for line in unified_diff(_ended(old), _ended(new), named, f"b/{path}"):
        yield line if line.endswith("\n") else f"{line}\n{_CUT}"


def _ended(lines: list[str]) -> list[str]:
    """Return the lines with their line feeds; the last one has none."""
    ended = [line + "\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended
