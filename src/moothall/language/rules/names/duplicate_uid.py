"""duplicate-uid: two files have the same uid, as happens when one is copied to make the other."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Definitions, Folder
from moothall.source import Origin

RULE = "duplicate-uid"
SCOPE = Scope.EVERYWHERE


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every uid that another file has already, about the one that came later."""
    first: dict[str, Origin] = {}
    for file in symbols.all_files(definitions):
        noun = file.partnership if isinstance(file, Folder) else file
        uid = noun.metadata.uid
        if uid is None:
            continue
        if uid in first:
            pair = (first[uid], noun.origin)
            older, newer = sorted(pair, key=lambda origin: definitions.age_rank(origin.document.path))
            detail = "A uid is made once for each file: make a new one, for example with uuidgen."
            related = Label(older.value("metadata", "uid"), "first used here")
            yield error(RULE, "this uid belongs to another file", detail, newer.value("metadata", "uid"), related)
        first.setdefault(uid, noun.origin)
