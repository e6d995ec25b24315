"""The view of `keys rotate --passphrase`: what was sealed with the new passphrase."""

from __future__ import annotations

from moothall.model.outcome import Report
from moothall.report.text.view import KIND, TextView


class RotationView(TextView):
    """How many keyrings, and how many files of the state."""

    keyrings: int
    states: int


def answer(keyrings: int, states: int, next_step: str) -> Report:
    """Return what an exchange came to; `settle` says what is left to do with the new passphrase."""
    told = f"{keyrings} keyrings and {states} files of the state are sealed with the new passphrase.\n{next_step}\n"
    view: RotationView = {"schemaVersion": 1, "keyrings": keyrings, "states": states, "text": told}
    return Report(KIND, view)
