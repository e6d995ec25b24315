"""The view of an answer that is a text."""

from __future__ import annotations

from typing import TypedDict

from moothall.model.outcome import Report

KIND = "text"


class TextView(TypedDict):
    """A text whose lines end in line breaks."""

    schemaVersion: int
    text: str


def text_of(text: str) -> Report:
    """Return lines of text as an answer that can be shown."""
    view: TextView = {"schemaVersion": 1, "text": text}
    return Report(KIND, view)
