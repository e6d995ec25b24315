"""A place in a file as a view shows it."""

from __future__ import annotations

from typing import TypedDict

from moothall.report.style import safe
from moothall.source import Span


class Place(TypedDict):
    """A line of a file, counted from 1; the path is below the root."""

    path: str
    line: int


class Position(Place):
    """A character of a line, counted from 1."""

    column: int


def place(span: Span | None) -> Place | None:
    """Return path and line of a span; None for what stands in no file."""
    return {"path": span.path, "line": span.line} if span else None


def position(span: Span | None) -> Position | None:
    """Return path, line and column of a span; None for what stands in no file."""
    return {"path": span.path, "line": span.line, "column": span.column} if span else None


def text(place: Place | None) -> str:
    """Return a place of a view as `path:line`, empty for what stands in no file."""
    return f"{safe(place['path'])}:{place['line']}" if place else ""
