"""Versions of the language: the one that is read, and those that `moothall migrate` lifts to it."""

from __future__ import annotations

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.source import Document

RULE = "old-version"
CURRENT = "moothall/v1"
OLD = ("moothall/v1alpha1",)


def old_version(document: Document) -> Diagnostic | None:
    """Return the finding about a document of an old version, of which nothing else is worth saying."""
    version = document.data.get("apiVersion") if isinstance(document.data, dict) else None
    if version not in OLD:
        return None
    span = document.place(("apiVersion",)).value
    return error(RULE, f"{version} is an old version of the language", "Run moothall migrate.", span)
