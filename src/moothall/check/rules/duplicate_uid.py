"""duplicate-uid: two files have the same uid, as happens when one is copied to make the other."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.check import known
from moothall.check.finding import error
from moothall.diagnostics import Diagnostic, Label
from moothall.model.written import Definitions, Folder
from moothall.source import Origin

RULE = "duplicate-uid"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every uid that an earlier file has already."""
    first: dict[str, Origin] = {}
    for file in known.all_files(definitions):
        noun = file.partnership if isinstance(file, Folder) else file
        uid = noun.metadata.uid
        if uid is None:
            continue
        if uid in first:
            detail = "A uid is made once for each file: make a new one, for example with uuidgen."
            related = Label(first[uid].value("metadata", "uid"), "first used here")
            span = noun.origin.value("metadata", "uid")
            yield error(RULE, "this uid belongs to another file", detail, span, related)
        first.setdefault(uid, noun.origin)
