"""Taking secrets out of texts that people see."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHORTEST_LINE = 6
SHORTEST_WORD = 12  # shorter words of a secret file are most likely not the secret in it
_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
"""What councils, partnerships and sites are called. No secret that is derived is of small letters alone."""
MARK = "[secret]"


def redact(text: str, secrets: Iterable[str], public: str = "") -> str:
    """The text with every secret, each line of one and each long word of one replaced by a mark.

    What stands in `public`, the name of what the text is about, is no secret for standing in a secret file too.
    """
    for part in sorted((part for part in _parts(secrets) if part not in public), key=len, reverse=True):
        text = text.replace(part, MARK)
    return text


def _may_be_secret(word: str) -> bool:
    return len(word) >= SHORTEST_WORD and not _NAME.fullmatch(word)


def _parts(secrets: Iterable[str]) -> set[str]:
    parts: set[str] = set()
    for secret in secrets:
        lines = {line.strip() for line in secret.splitlines()}
        words = {word for word in re.findall(r"[A-Za-z0-9+/_-]+", secret) if _may_be_secret(word)}
        parts |= {secret.strip()} | {line for line in lines if len(line) >= SHORTEST_LINE} | words
    return parts - {""}
