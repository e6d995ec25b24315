"""How much a comment on a pull request, or the text of an issue, may hold."""

from __future__ import annotations

LONGEST = 60_000
"""Characters; GitHub takes 65,536 (https://github.com/orgs/community/discussions/27190)."""


def fitting(parts: list[str], room: int, noun: str) -> str:
    """Return as many parts as there is room for, in characters, and how many are left out."""
    shown: list[str] = []
    left = room - 200  # for the sentence
    for part in parts:
        left -= len(part) + 1
        if left < 0:
            shown.append(f"\n{len(parts) - len(shown)} {noun} are left out here; `moothall diff` shows all of them.")
            break
        shown.append(part)
    return "\n".join(shown) + "\n" if shown else ""
