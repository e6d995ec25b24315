"""Lifting files of an old version of the language to the current one; nothing else in them changes."""

from __future__ import annotations

from typing import Any

from moothall.check.versions import CURRENT, OLD
from moothall.diagnostics import has_errors
from moothall.edit.keys import rename_key, set_value
from moothall.failures import CHANGES, INVALID, OK
from moothall.model.outcome import Answer
from moothall.operations.context import Context
from moothall.operations.files import edit_transaction
from moothall.pipeline import load
from moothall.read.yaml12 import parse
from moothall.source import Document, Route


def migrate(context: Context, *, check: bool) -> Answer:
    """Return what was changed, and what is to be said about those files now; exit code 3 if that has errors.

    With `check` nothing is written, and the exit code is 2 if a file is of an old version.
    """
    with edit_transaction.alone(context, writes=not check):
        return _lifted(context, check=check)


def _lifted(context: Context, *, check: bool) -> Answer:
    files = load(context.root, context.as_of).files
    lifted = {path: lift(path, text) for path, text in files.items()}
    changes: edit_transaction.Changes = {path: (files[path], text) for path, text in lifted.items() if text is not None}
    if not changes:
        return edit_transaction.answer({}, (), files, written=False)
    after = edit_transaction.tried(context, changes)
    said = [each for each in after.diagnostics if each.primary.span.path in changes]
    if not check:
        edit_transaction.write(context.root, changes)
    answer = edit_transaction.answer(changes, said, after.files, written=not check)
    code = CHANGES if check else INVALID if has_errors(said) else OK
    return answer._replace(exit_code=code)


def lift(path: str, text: str) -> str | None:
    """Return the text in the current version, None if it is not of an old one (or not YAML, which validate tells)."""
    document, _ = parse(path, text)
    data: Any = document.data if document else None
    if not isinstance(data, dict) or data.get("apiVersion") not in OLD:
        return None
    for change in (_keep, _version):
        text = change(path, text)
    return text


def _version(path: str, text: str) -> str:
    return set_value(text, _parsed(path, text), ("apiVersion",), CURRENT)


def _keep(path: str, text: str) -> str:
    """`backup.keep-full: 2` became `backup.keep: {full: 2}`, so that days can be kept too."""
    for route in _old_keeps(_parsed(path, text)):
        document = _parsed(path, text)
        text = set_value(text, document, route, {"full": _at(document, route)})
        text = rename_key(text, _parsed(path, text), route, "keep")
    return text


def _old_keeps(document: Document) -> list[Route]:
    """Return the routes of `keep-full` in the backups of a partnership, where it is the number that it has to be."""
    routes = [
        route
        for route in document.places
        if len(route) == 5 and route[:2] == ("spec", "instances") and route[3:] == ("backup", "keep-full")
    ]
    return [
        route
        for route in routes
        if isinstance(_at(document, route), int) and (*route[:-1], "keep") not in document.places
    ]


def _at(document: Document, route: Route) -> Any:
    data: Any = document.data
    for step in route:
        data = data[step]
    return data


def _parsed(path: str, text: str) -> Document:
    document, _ = parse(path, text)
    assert document  # it was YAML, and every edit leaves YAML
    return document
