"""When a process began: with its number it says which process is meant, for numbers are used again."""

from __future__ import annotations

from pathlib import Path

_ENDED = frozenset("ZX")


def start_ticks(process: int) -> int | None:
    """Return when a process began, in ticks since the start of the machine (proc(5), `starttime`); None without one.

    A zombie counts as none: where process 1 does not reap it, it stays listed for ever.
    """
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *rest = text.rpartition(")")[2].split()
    return None if state in _ENDED else int(rest[18])
