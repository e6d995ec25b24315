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
    old_name = "/dev/null" if before is None else f"a/{path}"
    for line in unified_diff(_with_line_ends(old), _with_line_ends(new), old_name, f"b/{path}"):
        yield line if line.endswith("\n") else f"{line}\n{_CUT}"


def _with_line_ends(lines: list[str]) -> list[str]:
    """Return the lines with their line feeds; the last one has none."""
    lines_with_ends = [line + "\n" for line in lines[:-1]]
    return [*lines_with_ends, lines[-1]] if lines[-1] else lines_with_ends
