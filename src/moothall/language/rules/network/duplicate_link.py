"""duplicate-link: two links between the same two sites; links are named after their sites."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.model.written import Definitions, Link

RULE = "duplicate-link"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every link between sites that another one connects already."""
    for folder in definitions.folders:
        first: dict[frozenset[str], Link] = {}
        for link in folder.partnership.links:
            other = first.setdefault(frozenset(link.between), link)
            if other is not link and link.between[0] != link.between[1]:
                summary = f"{' and '.join(link.between)} are linked already"
                related = Label(other.origin.value("between"), "linked here")
                yield error(RULE, summary, "Remove one of the two links.", link.origin.value("between"), related)
