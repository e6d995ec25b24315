"""Keys of mappings, in blocks and in brackets: added, set, renamed and removed. Pure: text in, text out.

Every function takes the text of a file, its document and a route in it. Raises KeyError for a route that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from moothall.language.edit import flow_style
from moothall.language.edit.places import Offsets
from moothall.language.edit.scalars import Value, in_quotes_of, inline_yaml
from moothall.language.edit.splice import Splice, splice
from moothall.source import Document, Route


def set_value(text: str, document: Document, route: Route, value: Value) -> str:
    """Return the text with another value at `route`, where a scalar or something in brackets stands.

    Text keeps the kind of quotes that were there. Raises ValueError where a block stands.
    """
    offsets = Offsets(text, document)
    start, end = offsets.value(route)
    old_text = text[start:end]
    if isinstance(offsets.data(route), (dict, list)) and old_text[:1] not in ("{", "["):
        raise ValueError(f"a block stands at {route}")
    new_text = in_quotes_of(value, old_text) if isinstance(value, (str, date)) else inline_yaml(value)
    if not offsets.has_colon(route):
        return _begin(offsets, route, new_text)
    blank = " " if start == end and text[start - 1 : start] in (":", "-") else ""
    return splice(text, [Splice(start, end, blank + new_text)])[0]


def _begin(offsets: Offsets, route: Route, value: str) -> str:
    """Return the text with a value for a key that has not even a colon; in a block that stands below its `?`."""
    _, end = offsets.key(route)
    mapping, _ = offsets.value(route[:-1])
    if offsets.text[mapping] == "{":
        return splice(offsets.text, [Splice(end, end, f" : {value}")])[0]
    return offsets.insert_line(end, " " * offsets.column(mapping) + f": {value}")


def rename_keys(text: str, document: Document, names: Mapping[Route, str]) -> str:
    """Return the text with other keys for the values at some routes, in the quotes that were there."""
    offsets = Offsets(text, document)
    keys = [(*offsets.key(route), name) for route, name in names.items()]
    return splice(text, [Splice(start, end, in_quotes_of(name, text[start:end])) for start, end, name in keys])[0]


def insert_key(text: str, document: Document, route: Route, key: str, value: Value, *, after: str | None = None) -> str:
    """Return the text with a new key in the mapping at `route`, behind its last key or the one named `after`.

    In a block it stands on a line of its own with the indentation of its siblings. Raises ValueError where there is
    no mapping, or the key is there already.
    """
    offsets = Offsets(text, document)
    data = offsets.data(route)
    if not isinstance(data, dict) or key in data:
        raise ValueError(f"{key} cannot be added at {route}")
    entry = f"{inline_yaml(key)}: {inline_yaml(value)}"
    whole = offsets.value(route)
    if text[whole[0] : whole[0] + 1] == "{":
        last = offsets.value((*route, after or list(data)[-1]))[1] if data else None
        return flow_style.add(text, whole, last, entry)
    indent = " " * offsets.column(whole[0])
    return offsets.insert_line(offsets.value((*route, after or list(data)[-1]))[1], indent + entry)


def remove_key(text: str, document: Document, route: Route) -> str:
    """Return the text without the key at `route`, its value and the comment lines right above it.

    A mapping that loses its only key becomes {}. Raises ValueError where the last step is no key.
    """
    offsets = Offsets(text, document)
    *parent, key = route
    data = offsets.data(tuple(parent))
    if not isinstance(data, dict) or key not in data:
        raise ValueError(f"there is no key at {route}")
    keys = list(data)
    index = keys.index(key)
    previous_end = offsets.value((*parent, keys[index - 1]))[1] if index > 0 else None
    next_start = offsets.entry((*parent, keys[index + 1])) if index + 1 < len(keys) else None
    entry = (offsets.entry(route), offsets.value(route)[1])
    whole = offsets.value(tuple(parent))
    if text[whole[0] : whole[0] + 1] == "{":
        return flow_style.take(text, entry, previous_end, next_start, whole[1] - 1)
    if previous_end is None and next_start is None:
        return splice(text, [Splice(*entry, "{}")])[0]
    return _without_lines(offsets, entry, previous_end, next_start)


def _without_lines(offsets: Offsets, entry: tuple[int, int], previous_end: int | None, next_start: int | None) -> str:
    """Return the text without an entry of a block that has others."""
    text, lines = offsets.text, offsets.lines
    start, end = lines.line_start(entry[0]), lines.next_line(entry[1])
    if text[start : entry[0]].strip():  # `- key: value`: the next key takes its place behind the dash
        comment = next_start is not None and "#" in text[end:next_start]
        return text[: entry[0]] + text[_line_end(text, entry[1]) if comment or next_start is None else next_start :]
    start = _comment_start(offsets, start, entry[0] - start, previous_end or 0)
    if end == len(text) and not text.endswith("\n"):
        return text[:start].rstrip("\r\n")  # the last line stays open
    return text[:start] + text[end:]


def _comment_start(offsets: Offsets, start: int, column: int, limit: int) -> int:
    """Return where the comment lines right above a line begin; they stand in the same column, below `limit`."""
    while start > 0:
        line = offsets.lines.line_start(start - 1)
        if line < limit or not offsets.text[line:start].startswith(" " * column + "#"):
            break
        start = line
    return start


def _line_end(text: str, offset: int) -> int:
    """Return where the line of an offset ends, before its line break."""
    end = text.find("\n", offset)
    if end < 0:
        return len(text)
    return end - 1 if text[end - 1] == "\r" else end
