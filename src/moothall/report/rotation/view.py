"""The view of `keys rotate --passphrase`: what was sealed with the new passphrase."""

from __future__ import annotations

from moothall.model.outcome import Report
from moothall.report.text.view import KIND, TextView


class RotationView(TextView):
    """How many keyrings, and how many files of the state."""

    keyrings: int
    states: int


def answer(keyrings: int, states: int, next_step: str) -> Report:
    """Return how many keyrings and files were sealed anew; `next_step` is a sentence about what is left to do."""
    text = f"{keyrings} keyrings and {states} files of the state are sealed with the new passphrase.\n{next_step}\n"
    view: RotationView = {"schemaVersion": 1, "keyrings": keyrings, "states": states, "text": text}
    return Report(KIND, view)
