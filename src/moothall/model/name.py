"""What a name is: of a partnership, a council, a site, an instance, a module, an organisation."""

from __future__ import annotations

import re

LONGEST = 40
_OF_A_SERVER = 2
"""Names that the name of a council's own server is made of (`model.dedicated`)."""
PATTERN = "[a-z][a-z0-9]*(-[a-z0-9]+)*"


def is_unit_name(text: str) -> bool:
    """Say whether `text` may be the name of what a stack holds: a name, or that of a council's own server."""
    return len(text.split("--")) <= _OF_A_SERVER and all(map(is_name, text.split("--")))


def is_name(text: str) -> bool:
    """Say whether `text` may be a name, as `name` in the schemas has it: a word that no shell and no path misreads."""
    return len(text) <= LONGEST and re.fullmatch(PATTERN, text) is not None
