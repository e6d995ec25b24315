"""How much a comment on a pull request, or the text of an issue, may hold."""

from __future__ import annotations

LONGEST = 60_000
"""Characters; GitHub takes 65,536 (https://github.com/orgs/community/discussions/27190)."""


def fit_parts(parts: list[str], room: int, noun: str) -> str:
    """Return as many parts as there is room for, in characters, and how many are left out."""
    fitting_parts: list[str] = []
    room_left = room - 200  # for the sentence
    for part in parts:
        room_left -= len(part) + 1
        if room_left < 0:
            fitting_parts.append(
                f"\n{len(parts) - len(fitting_parts)} {noun} are left out here; `moothall diff` shows all of them."
            )
            break
        fitting_parts.append(part)
    return "\n".join(fitting_parts) + "\n" if fitting_parts else ""
