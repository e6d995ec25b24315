"""The view of `keys rotate --passphrase`: what was sealed with the new passphrase."""

from __future__ import annotations

from moothall.report.text.view import TextView


class RotationView(TextView):
    """How many keyrings, and how many files of the state."""

    keyrings: int
    states: int


def view(keyrings: int, states: int, settle: str) -> RotationView:
    """Return the view of an exchange; `settle` says what is left to do with the new passphrase."""
    told = f"{keyrings} keyrings and {states} files of the state are sealed with the new passphrase.\n{settle}\n"
    return {"schemaVersion": 1, "keyrings": keyrings, "states": states, "text": told}
