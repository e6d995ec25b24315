"""A day of the calendar on the command line, and the day on which certificates must work."""

from __future__ import annotations

import argparse
import os
from datetime import date

from moothall.failures import USAGE, Failure

CERTIFICATES = "MOOTHALL_CERTIFICATES_AS_OF"
"""Names the day for which certificates are made, to try a renewal before its time: today if it is not set."""


def day(text: str) -> date:
    """Return the day that a word like 2006-10-10 says; raises ArgumentTypeError for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or text != found.isoformat():  # fromisoformat also reads 20061010 and 2006-W41-2
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2006-10-10")
    return found


def certificates_day() -> date:
    """Return the day on which certificates must work: today, whatever day the plan is made for.

    Raises Failure (usage) when the environment names a day that is none.
    """
    text = os.environ.get(CERTIFICATES)
    if not text:
        return date.today()
    try:
        return day(text)
    except argparse.ArgumentTypeError as error:
        raise Failure(f"{CERTIFICATES}: {error}", mend=f"unset {CERTIFICATES}", exit_code=USAGE) from error
