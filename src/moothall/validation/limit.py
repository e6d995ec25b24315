"""A limit on the number of findings of one file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from moothall.diagnostics import Diagnostic
from moothall.language.checks.nearest import with_suggestion

MOST_FINDINGS = 100
"""Findings of one file in an answer."""


def limit_findings(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return at most `MOST_FINDINGS` of each file; the last of them says how many more there are.

    Suggestions are looked up only for the findings that are returned.
    """
    files = Counter(diagnostic.primary.span.path for diagnostic in diagnostics)
    counts: Counter[str] = Counter()
    results = []
    for diagnostic in diagnostics:
        path = diagnostic.primary.span.path
        counts[path] += 1
        if counts[path] == MOST_FINDINGS < files[path]:
            last = with_suggestion(diagnostic)
            more = f"{last.detail} There are {files[path] - MOST_FINDINGS} more findings in this file."
            results.append(last._replace(detail=more))
        elif counts[path] <= MOST_FINDINGS:
            results.append(with_suggestion(diagnostic))
    return tuple(results)
