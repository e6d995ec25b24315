"""What a change means to the people who use what stands: the words of the changes contract, the mildest first."""

from __future__ import annotations

NONE = "none"
IN_PLACE = "in-place"
RESTART = "restart"
REPLACE = "replace"
DATA_LOSS = "data-loss"
