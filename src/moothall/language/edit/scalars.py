"""How a value is written on one line: plain where that cannot be read as anything else, in quotes otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from moothall.model.characters import UNSEEN

Value = str | int | float | bool | date | UUID | None | Sequence["Value"] | Mapping[str, "Value"]

_PLAIN = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_./+ -]*[A-Za-z0-9_])?")
_NETWORK = re.compile(r"[0-9]+(?:\.[0-9]+){3}/[0-9]+")
_AMOUNT = re.compile(r"[0-9]+(?:s|m|h|d|MiB|GiB|TiB)")
_OTHER_THAN_TEXT = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
"""Words that are no text to readers of YAML 1.2 or 1.1 (https://yaml.org/type/bool.html), in whatever case."""
_UNFIT = re.compile(f"[\x7f-\x9f\ufffe\uffff{UNSEEN}]")
"""What JSON lets stand in a string and a definition may not hold; see `read.sources`."""


def inline_yaml(value: Value) -> str:
    """Return a value as YAML of one line; lists and mappings in brackets.

    A day and an identity are plain, as in all definitions; text that only looks like a day is in quotes, for YAML 1.1
    has dates.
    """
    if isinstance(value, (date, UUID)):
        return str(value)
    if isinstance(value, str):
        return value if is_plain(value) else quote(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{inline_yaml(key)}: {inline_yaml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(inline_yaml, value)) + "]"
    return json.dumps(value)


def quote(text: str) -> str:
    """Return text in double quotes, as JSON and YAML both have it; invisible characters as YAML escapes."""
    return _UNFIT.sub(lambda match: _escape(ord(match[0])), json.dumps(text, ensure_ascii=False))


def _escape(character: int) -> str:
    """Return the escape of a character that JSON would let stand."""
    return f"\\u{character:04x}" if character <= 0xFFFF else f"\\U{character:08x}"


def in_quotes_of(value: str | date, old_text: str) -> str:
    """Return text, or a day, in the quotes that `old_text` has; in double ones where single ones cannot hold it."""
    text = value if isinstance(value, str) else value.isoformat()
    if old_text.startswith('"'):
        return quote(text)
    if old_text.startswith("'") and quote(text) == f'"{text}"':
        return "'" + text.replace("'", "''") + "'"
    return inline_yaml(value)


def is_plain(text: str) -> bool:
    """Say whether text needs no quotes: nobody can take it for anything else."""
    if text.lower() in _OTHER_THAN_TEXT:
        return False
    return any(form.fullmatch(text) for form in (_PLAIN, _NETWORK, _AMOUNT))
