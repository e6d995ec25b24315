"""Keys of mappings, in blocks and in brackets: added, set, renamed and removed. Pure: text in, text out.

Every function takes the text of a file, its document and a route in it. Raises KeyError for a route that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from moothall.language.edit import flow_style
from moothall.language.edit.places import Whereabouts
from moothall.language.edit.scalars import Value, like, written
from moothall.language.edit.splice import Splice, splice
from moothall.source import Document, Route


def set_value(text: str, document: Document, route: Route, value: Value) -> str:
    """Return the text with another value at `route`, where a scalar or something in brackets stands.

    Text keeps the kind of quotes that were there. Raises ValueError where a block stands.
    """
    where = Whereabouts(text, document)
    start, end = where.value(route)
    before = text[start:end]
    if isinstance(where.data(route), (dict, list)) and before[:1] not in ("{", "["):
        raise ValueError(f"a block stands at {route}")
    new = like(value, before) if isinstance(value, (str, date)) else written(value)
    if not where.begun(route):
        return _begin(where, route, new)
    blank = " " if start == end and text[start - 1 : start] in (":", "-") else ""
    return splice(text, [Splice(start, end, blank + new)])[0]


def _begin(where: Whereabouts, route: Route, value: str) -> str:
    """Return the text with a value for a key that has not even a colon; in a block that stands below its `?`."""
    _, end = where.key(route)
    mapping, _ = where.value(route[:-1])
    if where.text[mapping] == "{":
        return splice(where.text, [Splice(end, end, f" : {value}")])[0]
    return where.insert_line(end, " " * where.column(mapping) + f": {value}")


def rename_keys(text: str, document: Document, names: Mapping[Route, str]) -> str:
    """Return the text with other keys for the values at some routes, in the quotes that were there."""
    where = Whereabouts(text, document)
    keys = [(*where.key(route), name) for route, name in names.items()]
    return splice(text, [Splice(start, end, like(name, text[start:end])) for start, end, name in keys])[0]


def insert_key(text: str, document: Document, route: Route, key: str, value: Value, *, after: str | None = None) -> str:
    """Return the text with a new key in the mapping at `route`, behind its last key or the one named `after`.

    In a block it stands on a line of its own with the indentation of its siblings. Raises ValueError where there is
    no mapping, or the key is there already.
    """
    where = Whereabouts(text, document)
    data = where.data(route)
    if not isinstance(data, dict) or key in data:
        raise ValueError(f"{key} cannot be added at {route}")
    entry = f"{written(key)}: {written(value)}"
    whole = where.value(route)
    if text[whole[0] : whole[0] + 1] == "{":
        last = where.value((*route, after or list(data)[-1]))[1] if data else None
        return flow_style.add(text, whole, last, entry)
    indent = " " * where.column(whole[0])
    return where.insert_line(where.value((*route, after or list(data)[-1]))[1], indent + entry)


def remove_key(text: str, document: Document, route: Route) -> str:
    """Return the text without the key at `route`, its value and the comment lines right above it.

    A mapping that loses its only key becomes {}. Raises ValueError where the last step is no key.
    """
    where = Whereabouts(text, document)
    *parent, key = route
    data = where.data(tuple(parent))
    if not isinstance(data, dict) or key not in data:
        raise ValueError(f"there is no key at {route}")
    keys = list(data)
    at = keys.index(key)
    before = where.value((*parent, keys[at - 1]))[1] if at > 0 else None
    after = where.entry((*parent, keys[at + 1])) if at + 1 < len(keys) else None
    entry = (where.entry(route), where.value(route)[1])
    whole = where.value(tuple(parent))
    if text[whole[0] : whole[0] + 1] == "{":
        return flow_style.take(text, entry, before, after, whole[1] - 1)
    if before is None and after is None:
        return splice(text, [Splice(*entry, "{}")])[0]
    return _without_lines(where, entry, before, after)


def _without_lines(where: Whereabouts, entry: tuple[int, int], before: int | None, after: int | None) -> str:
    """Return the text without an entry of a block that has others."""
    text, lines = where.text, where.lines
    start, end = lines.line_start(entry[0]), lines.next_line(entry[1])
    if text[start : entry[0]].strip():  # `- key: value`: the next key takes its place behind the dash
        comment = after is not None and "#" in text[end:after]
        return text[: entry[0]] + text[_line_end(text, entry[1]) if comment or after is None else after :]
    start = _above(where, start, entry[0] - start, before or 0)
    if end == len(text) and not text.endswith("\n"):
        return text[:start].rstrip("\r\n")  # the last line stays open
    return text[:start] + text[end:]


def _above(where: Whereabouts, start: int, column: int, limit: int) -> int:
    """Return where the comment lines right above a line begin; they stand in the same column, below `limit`."""
    while start > 0:
        line = where.lines.line_start(start - 1)
        if line < limit or not where.text[line:start].startswith(" " * column + "#"):
            break
        start = line
    return start


def _line_end(text: str, offset: int) -> int:
    """Return where the line of an offset ends, before its line break."""
    end = text.find("\n", offset)
    if end < 0:
        return len(text)
    return end - 1 if text[end - 1] == "\r" else end
