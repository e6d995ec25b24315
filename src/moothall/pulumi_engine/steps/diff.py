"""Which properties differ, and which of them matter: paths in Pulumi's notation (`a.b`, `a[0]`, `a["x.y"]`, `*`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moothall.pulumi_engine.protocol.resource_types import Kind, Property, with_defaults
from moothall.pulumi_engine.protocol.values import Value, plain

Path = tuple[str | int, ...]
_SEGMENT = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.\[\]]+)')
_ABSENT: Any = object()


def parse_path(text: str) -> Path:
    """The segments of a property path; a number is a list index, `*` stands for any segment."""
    segments: list[str | int] = []
    for quoted, index, name in _SEGMENT.findall(text):
        segments.append(int(index) if index.isdigit() else quoted.replace('\\"', '"') or index or name)
    return tuple(segments)


def write_path(path: Path) -> str:
    """The text of a path."""
    text = ""
    for segment in path:
        if isinstance(segment, int):
            text += f"[{segment}]"
        elif re.fullmatch(r"\w+", segment):
            text += f".{segment}"
        else:
            quoted = segment.replace('"', '\\"')
            text += f'["{quoted}"]'
    return text.removeprefix(".")


def diff(kind: Kind, old: Mapping[str, Value], new: Mapping[str, Value]) -> list[Path]:
    """The paths at which new inputs differ from old ones; defaults, secret marks and the order of sets do not count."""
    before, after = with_defaults(kind, plain(old)), with_defaults(kind, plain(new))
    paths: list[Path] = []
    for name in sorted(before.keys() | after.keys()):
        form = kind.properties.get(name)
        sides = [before.get(name, _ABSENT), after.get(name, _ABSENT)]
        if form is not None and form.unordered:
            sides = [_normalise(side) for side in sides]
        paths += _differences((name,), *sides)
    return paths


def change(path: Path, old: Mapping[str, Value], new: Mapping[str, Value]) -> str:
    """What happened at a changed path: `add`, `delete` or `update`."""
    before, after = (_has(plain(side), path) for side in (old, new))
    return "update" if before == after else "delete" if before else "add"


def without_ignored(
    old: Mapping[str, Value], new: Mapping[str, Value], ignore_changes: Sequence[str]
) -> dict[str, Value]:
    """The new inputs with the old values put back wherever an ignoreChanges path points."""
    merged: Value = dict(new)
    for text in ignore_changes:
        merged = _put_back(old, merged, parse_path(text))
    return dict(merged)


def matches(path: Path, patterns: Sequence[str]) -> bool:
    """Whether a changed path lies at, below or above one of the patterns."""
    return any(
        all(pattern in ("*", segment) for segment, pattern in zip(path, parse_path(text), strict=False))
        for text in patterns
    )


def replacement_paths(
    kind: Kind, paths: Sequence[Path], new: Mapping[str, Value], replace_on_changes: Sequence[str]
) -> list[Path]:
    """Those of the changed paths that need a replacement to become the new inputs."""
    return [path for path in paths if _replaces(kind, path, new) or matches(path, replace_on_changes)]


def _replaces(kind: Kind, path: Path, new: Mapping[str, Value]) -> bool:
    form = kind.properties.get(str(path[0]), Property())
    return form.replaces or (form.removal_replaces and not new.get(str(path[0])))


def _differences(path: Path, old: Value, new: Value) -> Iterator[Path]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences((*path, key), old.get(key, _ABSENT), new.get(key, _ABSENT))
    elif old != new and not _both_empty(old, new):
        yield path


def _has(value: Value, path: Path) -> bool:
    for segment in path:
        if not isinstance(value, Mapping) or segment not in value:
            return False
        value = value[segment]
    return True


def _both_empty(old: Value, new: Value) -> bool:
    return _is_empty(old) and _is_empty(new)


def _is_empty(value: Value) -> bool:
    """An absent value, null, `False`, and an empty text, list or map say the same; a zero may be a limit."""
    return value is _ABSENT or value is None or value is False or value in ("", [], {})


def _normalise(value: Value) -> Value:
    if isinstance(value, list):
        return sorted(
            (_normalise(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True, default=repr)
        )
    if isinstance(value, Mapping):
        return {key: _normalise(item) for key, item in value.items() if not _is_empty(item)}
    return value


def _put_back(old: Value, new: Value, path: Path) -> Value:
    if not path:
        return old
    if isinstance(new, Mapping):
        keys = sorted({*new, *(old if isinstance(old, Mapping) else ())}) if path[0] == "*" else [path[0]]
        return _put_back_keys(old if isinstance(old, Mapping) else {}, dict(new), keys, path[1:])
    if isinstance(new, list) and isinstance(old, list):
        return [
            _put_back(old[index], item, path[1:]) if path[0] in (index, "*") and index < len(old) else item
            for index, item in enumerate(new)
        ]
    return new


def _put_back_keys(old: Mapping[str, Value], new: dict[str, Value], keys: Sequence[Any], rest: Path) -> Value:
    for key in keys:
        if key in old:
            new[key] = _put_back(old[key], new[key], rest) if key in new else old[key]
        elif not rest:
            new.pop(key, None)
    return new
