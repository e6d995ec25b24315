"""The word that was probably meant, wherever one is asked for that there is not."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 200
"""Characters of a word that may be like a name; to compare a longer one costs more than to read it."""


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the one of `words` that is most like `word`, None if none is."""
    if len(word) > _LONGEST:
        return None
    from difflib import get_close_matches  # costs as much as a file: only when there is something to say

    return next(iter(get_close_matches(word, list(words), n=1)), None)


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return the question for the word that was probably meant, nothing if there is none."""
    suggestion = nearest(word, words)
    return f"did you mean {suggestion}?" if suggestion else ""
