"""What a name is: of a partnership, a council, a site, an instance, a module, an organisation."""

from __future__ import annotations

import re

LONGEST = 40
PATTERN = "[a-z][a-z0-9]*(-[a-z0-9]+)*"


def is_name(text: str) -> bool:
    """Say whether `text` may be a name, as `name` in the schemas has it: a word that no shell and no path misreads."""
    return len(text) <= LONGEST and re.fullmatch(PATTERN, text) is not None
