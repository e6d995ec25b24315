"""Which findings can be mended with certainty: that takes everything in sight, not one council at a time."""

from __future__ import annotations

from collections.abc import Sequence

from moothall.diagnostics import Diagnostic, has_errors
from moothall.model.written import Definitions


def with_fixes(definitions: Definitions, findings: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return the findings with their fixes; those that one slip explains are one, at the slip."""
    results = list(findings)
    if not has_errors(results):
        return results
    from moothall.language.checks import declarations, server_networks, siblings

    rules = {finding.rule for finding in results}
    if not rules.isdisjoint(declarations.RULES):
        results = declarations.with_fixes(definitions, results)
    if siblings.RULE in rules:
        results = siblings.with_fixes(definitions, results)
    if server_networks.RULE in rules:
        results = server_networks.with_fixes(definitions, results)
    return results
