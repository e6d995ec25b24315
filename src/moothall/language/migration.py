"""The text of a file lifted to the current version of the language: text in, text out, all else in it to the byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from moothall.language.edit.mappings import rename_keys, set_value
from moothall.language.files.sources import decode_text
from moothall.language.schema.renamed import old_keys
from moothall.language.schema.versions import CURRENT, OLD
from moothall.language.yaml.yaml12 import parse
from moothall.source import Document, Route


def lift(path: str, text: str) -> str | None:
    """Return the text in the current version, with the names that keys have today.

    None if there is nothing to lift, or it is not YAML, which `validate` reports.
    """
    document, _ = parse(path, text)
    data: Any = document.data if document else None
    if not isinstance(data, dict):
        return None
    lifted_text = text
    for change in (_keep, _version, _names) if data.get("apiVersion") in OLD else (_names,):
        lifted_text = change(path, lifted_text)
    return lifted_text if lifted_text != text else None


def lift_below(root: Path) -> None:
    """Lift every file below a folder that is ours to write: a copy, not what people wrote."""
    for file in sorted(root.rglob("*.yaml")):
        text, _ = decode_text(file.name, file.read_bytes())
        lifted_text = None if text is None else lift(file.name, text)
        if lifted_text is not None:
            file.write_bytes(lifted_text.encode())


def _version(path: str, text: str) -> str:
    return set_value(text, _parse(path, text), ("apiVersion",), CURRENT)


def _keep(path: str, text: str) -> str:
    """`backup.keep-full: 2` became `backup.keep: {full: 2}`, so that days can be kept too."""
    for route in _old_keep_routes(_parse(path, text)):
        document = _parse(path, text)
        text = set_value(text, document, route, {"full": _value_at(document, route)})
        text = rename_keys(text, _parse(path, text), {route: "keep"})
    return text


def _old_keep_routes(document: Document) -> list[Route]:
    """Return the routes of `keep-full` in the backups of a partnership, where it is the number that it has to be."""
    routes = [
        route
        for route in document.places
        if len(route) == 5 and route[:2] == ("spec", "instances") and route[3:] == ("backup", "keep-full")
    ]
    return [
        route
        for route in routes
        if isinstance(_value_at(document, route), int) and (*route[:-1], "keep") not in document.places
    ]


def _names(path: str, text: str) -> str:
    """Give the keys of `check.renamed` the names that they have today."""
    document = _parse(path, text)
    names = dict(old_keys(document.data))
    return rename_keys(text, document, names) if names else text


def _value_at(document: Document, route: Route) -> Any:
    data: Any = document.data
    for step in route:
        data = data[step]
    return data


def _parse(path: str, text: str) -> Document:
    document, _ = parse(path, text)
    assert document  # it was YAML, and every edit leaves YAML
    return document
