"""The view of `restore`: what the copy holds against what runs, what a swap came to, and what was removed."""

from __future__ import annotations

from typing import NotRequired, TypedDict

KIND = "restoration"


class DatabaseView(TypedDict):
    """One database; `lastChange` is ISO 8601 in UTC, empty when nothing ever changed."""

    bytes: int
    tables: int
    rows: int
    lastChange: str


class TableView(TypedDict):
    """A table that differs: the rows of both sides, None where there is none, and how many were written since."""

    table: str
    live: int | None
    copy: int | None
    writtenSince: int


class ComparedView(TypedDict):
    """One tenant where it runs and in the copy, None where there is no database.

    `writtenSince` counts the rows that only the live one has. `notCompared` says why nothing of this is known, if so.
    """

    council: str
    database: str
    live: DatabaseView | None
    copy: DatabaseView | None
    writtenSince: int | None
    differences: list[TableView]
    notCompared: str | None


class RestorationView(TypedDict):
    """A restore of an instance or, of a `council`, of its tenant; `copy` is the container beside.

    What a step came to is there once it was done. Of the copy: the moment that was `asked` for, its last commit (ISO
    8601), how many seconds it took, and what each tenant has. Of a swap: the names under which former states are
    `kept`, how long nobody could work, in seconds, and who still cannot. Of removing: which former states went.
    """

    schemaVersion: int
    partnership: str
    instance: str
    council: str | None
    copy: str
    asked: NotRequired[str]
    reached: NotRequired[str | None]
    restoreSeconds: NotRequired[float]
    notes: NotRequired[list[str]]
    databases: NotRequired[list[ComparedView]]
    kept: NotRequired[list[str]]
    interruptionSeconds: NotRequired[float]
    waiting: NotRequired[list[str]]
    forgotten: NotRequired[list[str]]
