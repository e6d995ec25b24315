"""Keys that have another name now, within one version of the language; `moothall migrate` renames them."""

from __future__ import annotations

from moothall.check.finding import error
from moothall.check.fixes import reworded
from moothall.diagnostics import Diagnostic, Label
from moothall.source import Document, Route

RULE = "renamed-key"
NAMES = {("sites", "desk"): "local-access", ("instances", "desk-port"): "published-port"}
"""The name of a key today, by the mapping below `spec` in whose entries it stands, and its old name."""


def new_name(route: Route) -> str | None:
    """Return the name that the key at a route has today, None if that was never another one."""
    match route:
        case ("spec", str(section), str(), str(key)):
            return NAMES.get((section, key))
    return None


def renamed(document: Document, route: Route) -> Diagnostic | None:
    """Return the finding about the key at a route if it has another name now, with its fix.

    Where the new name stands beside the old one there is no fix: people have to say which of the two is true.
    """
    old, new = str(route[-1]), new_name(route)
    if new is None:
        return None
    summary, key, other = f'"{old}" is called "{new}" now', document.place(route).key, (*route[:-1], new)
    if other in document.places:
        related = Label(document.places[other].key, "the new name stands here")
        return error(RULE, summary, f'"{new}" stands here too: remove one of the two.', key, related)
    return error(RULE, summary, "Run moothall migrate.", key, fix=reworded(key, old, new))
