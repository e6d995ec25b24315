"""file-name: the name in a file is not the name of the file, or of the folder for partnerships and modules."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.language.checks.nearest import normalise
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Council, Definitions, Folder

RULE = "file-name"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every file whose place says another name."""
    for file in symbols.all_files(definitions):
        noun = file.partnership if isinstance(file, Folder) else file
        parts = noun.origin.document.path.removesuffix(".yaml").split("/")
        place = parts[-1] if isinstance(file, Council) else parts[-2]
        if place != noun.metadata.name:
            what = "file" if isinstance(file, Council) else "folder"
            summary = f'the name "{noun.metadata.name}" is not that of the {what}, "{place}"'
            detail = f"Rename the {what}, or write {place} here."
            if normalise(place) != place:
                detail = f"Rename the {what}: {place} cannot be a name."
            yield error(RULE, summary, detail, noun.origin.value("metadata", "name"))
