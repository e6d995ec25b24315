"""A day of the calendar, and the day on which certificates must work."""

from __future__ import annotations

from datetime import date

from moothall.failures import FAILED, USAGE, OperationError
from moothall.settings.variable import variable

CERTIFICATES = "MOOTHALL_CERTIFICATES_AS_OF"
"""Names the day for which certificates are made, to try a renewal before its time: today if it is not set."""


def day(text: str) -> date:
    """Return the day that a word like 2006-10-10 says; raises ValueError for anything else."""
    try:
        parsed_day = date.fromisoformat(text)
    except ValueError:
        parsed_day = None
    if parsed_day is None or text != parsed_day.isoformat():  # fromisoformat also reads 20061010 and 2006-W41-2
        raise ValueError(f"{text!r} is not a date like 2006-10-10")
    return parsed_day


def certificates_day() -> date:
    """Return the day on which certificates must work: today, whatever day the plan is made for.

    Raises OperationError (usage) when the environment names a day that is none.
    """
    return variable(CERTIFICATES, day) or date.today()


def certificates_year(partnership: str, agreed: date) -> int:
    """Return the year of the certificates of a partnership that was agreed on a day.

    Raises OperationError when none can be made: its authority is not valid yet, or not any more.
    """
    from moothall.keys import validity

    configured_day, as_of = variable(CERTIFICATES, day), certificates_day()
    authority, leaf = validity.of_authority(agreed), validity.of_leaf(as_of)
    if leaf.first <= authority.last and leaf.last >= authority.first:
        return as_of.year
    validity_text = f"the authority of {partnership} is valid from {authority.first} to {authority.last}"
    message = f"there are no certificates for {as_of}: {validity_text}"
    if configured_day:
        message, hint, code = f"{CERTIFICATES}: {message}", f"unset {CERTIFICATES}", USAGE
    else:
        hint, code = "write the day of the present agreement as `agreed`", FAILED
    raise OperationError(message, state="Nothing was touched.", hint=hint, exit_code=code)
