"""Locks for people: who holds what since when, and what became of them."""

from __future__ import annotations

from moothall.report.locks.view import LocksView, LockView
from moothall.report.style import Style, safe

_FATES = {
    "live": "at work",
    "dead": "gone: the next up takes it over",
    "foreign": "on another machine: nobody here can tell",
    "unreadable": "its owner cannot be read",
}
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def render(view: LocksView, style: Style) -> str:
    """Return the text of a locks view."""
    lines = [f"removed: {_line(lock)}" for lock in view["removed"]]
    lines += [f"{_line(lock)}  {style.paint(_FATES[lock['fate']], 'yellow')}" for lock in view["locks"]]
    return "\n".join(lines or [style.paint("No stack is locked.", "green")]) + "\n"


def _line(lock: LockView) -> str:
    holder = f"process {lock['pid']} of {lock['user']} on {lock['host']}" if lock["pid"] else "somebody"
    return safe(f"{lock['stack']}  {holder}, {age(lock['ageSeconds'])}")


def age(seconds: float | None) -> str:
    """Return an age in its largest unit; a clock that was set back makes it a time to come."""
    if seconds is None:
        return "at an unknown time"
    if seconds < 0:
        return f"in {-seconds:.0f} s by this clock, which was set back"
    name, length = next((unit for unit in _UNITS if seconds >= unit[1]), _UNITS[-1])
    return f"{seconds / length:.0f} {name} ago"
