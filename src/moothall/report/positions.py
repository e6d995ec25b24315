"""A place in a file as a view shows it."""

from __future__ import annotations

from collections.abc import Mapping

from moothall.source import Span


def position(span: Span | None) -> dict[str, object] | None:
    """Return path, line and column of a span; None for what stands in no file."""
    return {"path": span.path, "line": span.line, "column": span.column} if span else None


def text(position: Mapping[str, object] | None) -> str:
    """Return a position of a view as `path:line`, empty for what stands in no file."""
    return f"{position['path']}:{position['line']}" if position else ""
