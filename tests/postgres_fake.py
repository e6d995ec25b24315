"""What psql is asked, for those who stand in for a server in memory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def script_of(words: Sequence[str]) -> str:
    """Return the script that a command hands to psql (`moothall.postgres.session`), empty for any other command."""
    return words[3] if len(words) > 3 and "exec psql" in words[2] else ""


def values_of(words: Sequence[str]) -> dict[str, str]:
    """Return the values that are bound in the script, by name."""
    bound = [value for option, value in pairwise(words[5:]) if option == "-v"]
    return {name: value for name, _, value in (each.partition("=") for each in bound)}
