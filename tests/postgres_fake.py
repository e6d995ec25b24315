"""What psql is asked, for those who stand in for a server in memory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from moothall.postgres.session import END


def script_of(words: Sequence[str]) -> str:
    """Return the script that a command hands to psql (`moothall.postgres.session`), empty for any other command."""
    return words[3] if len(words) > 3 and "| psql" in words[2] else ""


def whole(words: Sequence[str], output: str) -> str:
    """Return what a command prints, with the last line of a whole answer where psql is asked for one."""
    return f"{output}\n{END}" if script_of(words) and END in words[2] else output


def values_of(words: Sequence[str]) -> dict[str, str]:
    """Return the values that are bound in the script, by name."""
    bound = [value for option, value in pairwise(words[5:]) if option == "-v"]
    return {name: value for name, _, value in (each.partition("=") for each in bound)}
