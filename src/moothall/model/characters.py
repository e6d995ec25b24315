"""Characters that nobody sees, and that may make a reviewer see another text than is read."""

from __future__ import annotations

UNSEEN = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Ranges for a class of a regular expression: the categories Cf, Zl and Zp of Unicode, what else is drawn as nothing
(Default_Ignorable_Code_Point) and the empty pattern of Braille. So there are the controls of direction, characters
without width and tags. U+FE0E and U+FE0F are left: they choose how the character before them is drawn."""

SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""A range of what is drawn as a space and is none to YAML: the category Zs but for the space itself."""


def like_a_space(text: str) -> str | None:
    """Return the first character of a text that looks like a space and is none, as "a no-break space (U+00A0)"."""
    if text.isascii():
        return None
    import re
    from unicodedata import name

    match = re.search(f"[{SPACES}]", text)
    return f"{_with_article(name(match[0]).lower())} (U+{ord(match[0]):04X})" if match else None


def _with_article(character: str) -> str:
    return f"{'an' if character[0] in 'aeio' else 'a'} {character}"
