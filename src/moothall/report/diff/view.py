"""The view of `diff`: what changes between two revisions, because of which lines, and with whose agreement."""

from __future__ import annotations

from typing import TypedDict


class Revision(TypedDict):
    """A revision as it was called, its commit, None for the working tree, and the day (ISO 8601) it is looked at."""

    name: str
    commit: str | None
    asOf: str
