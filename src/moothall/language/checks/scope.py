"""How much a rule has to see at once."""

from __future__ import annotations

from enum import Enum


class Scope(Enum):
    """What a finding of a rule depends upon, besides the module catalogue and the day; tests hold each rule to it."""

    COUNCIL = "council"
    """One council's file, its partnership's, and the names of the other councils."""
    PARTNERSHIP = "partnership"
    """The files of one partnership."""
    EVERYWHERE = "everywhere"
    """Uids and networks of any two partnerships: what `validation/claims.py` gathers."""
