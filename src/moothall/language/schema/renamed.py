"""Keys that have another name now, within one version of the language; `moothall migrate` renames them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.fixes import replacement_fix
from moothall.source import Document, Route

RULE = "renamed-key"
NAMES = {("sites", "desk"): "local-access", ("instances", "desk-port"): "published-port"}
"""The name of a key today, by the mapping below `spec` in whose entries it stands, and its old name."""


def old_keys(data: Any) -> Iterator[tuple[Route, str]]:
    """Yield the route of every key that has another name now in the data of a document, with that name.

    Those whose new name stands beside them are left out: people have to say which of the two is true.
    """
    spec = data.get("spec") if isinstance(data, dict) else None
    for (section, old), new in NAMES.items():
        entries = spec.get(section) if isinstance(spec, dict) else None
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if isinstance(entry, dict) and old in entry and new not in entry:
                yield ("spec", section, name, old), new


def renamed_key_finding(document: Document, route: Route) -> Diagnostic | None:
    """Return the finding about the key at a route if it has another name now, with its fix where that is certain."""
    old = str(route[-1])
    new = NAMES.get((str(route[1]), old)) if len(route) == 4 and route[0] == "spec" else None
    if new is None:
        return None
    summary, key, other = f'"{old}" is called "{new}" now', document.place(route).key, (*route[:-1], new)
    if other in document.places:
        related = Label(document.places[other].key, "the new name stands here")
        return error(RULE, summary, f'"{new}" stands here too: remove one of the two.', key, related)
    return error(RULE, summary, "Run moothall migrate.", key, fix=replacement_fix(key, old, new))
