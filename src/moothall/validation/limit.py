"""The findings that are shown: no more of one file than anybody reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from moothall.diagnostics import Diagnostic
from moothall.language.checks.nearest import told

MOST_FINDINGS = 100
"""Findings of one file in an answer."""


def limited(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return at most `MOST_FINDINGS` of each file; the last of them says how many more there are.

    Only for those that are shown the name is looked for that was probably meant.
    """
    files = Counter(diagnostic.primary.span.path for diagnostic in diagnostics)
    seen: Counter[str] = Counter()
    shown = []
    for diagnostic in diagnostics:
        path = diagnostic.primary.span.path
        seen[path] += 1
        if seen[path] == MOST_FINDINGS < files[path]:
            last = told(diagnostic)
            more = f"{last.detail} There are {files[path] - MOST_FINDINGS} more findings in this file."
            shown.append(last._replace(detail=more))
        elif seen[path] <= MOST_FINDINGS:
            shown.append(told(diagnostic))
    return tuple(shown)
