"""When a process began: with its number it says which process is meant, for numbers are used again."""

from __future__ import annotations

from pathlib import Path

_ENDED = frozenset("ZX")


def began(process: int) -> int | None:
    """Return when a process began, in ticks since the start of the machine (proc(5), `starttime`); None without one.

    One that has ended and that nobody has asked how is none: where process 1 does not ask it is listed for ever.
    """
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *rest = told.rpartition(")")[2].split()
    return None if state in _ENDED else int(rest[18])
