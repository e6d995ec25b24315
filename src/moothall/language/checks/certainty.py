"""Which findings can be mended with certainty: that takes everything in sight, not one council at a time."""

from __future__ import annotations

from collections.abc import Sequence

from moothall.diagnostics import Diagnostic, has_errors
from moothall.model.written import Definitions


def mended(definitions: Definitions, findings: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return the findings with their fixes; those that one slip explains are one, at the slip."""
    found = list(findings)
    if not has_errors(found):
        return found
    from moothall.language.checks import declarations, siblings

    rules = {finding.rule for finding in found}
    if not rules.isdisjoint(declarations.RULES):
        found = declarations.mended(definitions, found)
    if siblings.RULE in rules:
        found = siblings.mended(definitions, found)
    return found
