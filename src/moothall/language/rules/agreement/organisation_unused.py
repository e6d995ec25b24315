"""organisation-unused: an organisation that nothing in its partnership refers to."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import warning
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.language.rules.names.unknown_council import references
from moothall.model.written import Definitions

RULE = "organisation-unused"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a warning for every such organisation; where a council's file could not be read, it may be named there."""
    for folder in definitions.folders:
        organisations = folder.partnership.organisations
        if not organisations or folder.unread_councils:
            continue
        referenced_names = {reference.name for reference in references(folder)}
        referenced_names.update(owner for organisation in organisations.values() for owner in organisation.owned_by)
        if not referenced_names <= symbols.parties(folder):
            continue  # unknown-council has said so, and one that is unused may be the right name
        for name, organisation in organisations.items():
            if name not in referenced_names:
                summary = f'nothing refers to the organisation "{name}"'
                detail = "Name it as a party, owner, operator, host, provider or data owner, or remove it."
                yield warning(RULE, summary, detail, organisation.origin.key())
