"""From which day to which certificates are valid. What lies beyond the calendar ends on its last day, as in X.509.

RFC 5280, 4.1.2.5: no certificate begins before 1950, and the last second of 9999 stands for no end.
"""

from __future__ import annotations

from datetime import MAXYEAR, date
from typing import NamedTuple

AUTHORITY_YEARS = 40
_FIRST = date(1950, 1, 1)


class Days(NamedTuple):
    """The first and the last day."""

    first: date
    last: date


def of_authority(agreed: date) -> Days:
    """Return when the authority of a partnership is valid: for 40 years from the day on which it was agreed."""
    return Days(max(agreed, _FIRST), _add_years(agreed, AUTHORITY_YEARS))


def of_leaf(as_of: date) -> Days:
    """Return when a leaf is valid: from 1 January of `as_of`'s year to 31 March of the year after next.

    So it is renewed by the first `up` of a new year, with fifteen months to spare. No leaf is valid when its authority
    is not.
    """
    return Days(date(as_of.year, 1, 1), _add_years(date(as_of.year, 3, 31), 2))


def _add_years(day: date, years: int) -> date:
    """Return the same day some years later; 29 February becomes the 28th where there is none."""
    if day.year + years > MAXYEAR:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
