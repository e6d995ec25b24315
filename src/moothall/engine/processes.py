"""When a process began: with its number it says which process is meant, for numbers are used again."""

from __future__ import annotations

from pathlib import Path


def began(process: int) -> int | None:
    """Return when a process began, in ticks since the start of the machine (proc(5), `starttime`); None without one."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(told.rpartition(")")[2].split()[19])
