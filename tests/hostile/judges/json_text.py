"""JSON and SARIF: whole documents, in characters that every terminal shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_ESCAPED = re.compile(r"\\[\\\[\]]|\{\{|\}\}")
_PLACEHOLDER = re.compile(r"[{}]|\[[^\]]*\]")


def json_text(output: str) -> Iterator[str]:
    """Yield why a text is no JSON, and members that somebody's words have made."""
    try:
        document = json.loads(output, parse_constant=_no_number)
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    yield from (f"a member {key!r}" for key in _keys(document) if key == "evil")


def sarif(output: str) -> Iterator[str]:
    """Yield besides links (3.11.6) and placeholders (3.11.5) in messages that are not of the rules' own help."""
    wrong = list(json_text(output))
    yield from wrong
    if wrong:
        return
    for run in json.loads(output)["runs"]:
        for text in _messages(run["results"]):
            if found := _PLACEHOLDER.search(_ESCAPED.sub("", text)):
                yield f"{found[0]!r} in the message {text!r}"


def _messages(value: Any) -> Iterator[str]:
    """Yield the texts of messages and descriptions; what a fix inserts is none."""
    if isinstance(value, list):
        for item in value:
            yield from _messages(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("message", "description"):
                yield item["text"]
            else:
                yield from _messages(item)


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _keys(item)
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _keys(item)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
