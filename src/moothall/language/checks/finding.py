"""Constructors of findings: errors, errors about unknown names, and warnings."""

from __future__ import annotations

from moothall.diagnostics import ERROR, WARNING, Diagnostic, Fix, Hint, Label
from moothall.source import Span

DECLARED = "declared here"


def error(rule: str, summary: str, detail: str, span: Span, *related: Label, fix: Fix | None = None) -> Diagnostic:
    """Return an error at `span`; `detail` is one or two sentences that say how to mend it."""
    return Diagnostic(rule, ERROR, summary, detail, Label(span), related, fix)


def unknown(rule: str, summary: str, hint: Hint, span: Span, fix: Fix | None = None) -> Diagnostic:
    """Return an error about a name that does not exist; its suggestion is looked up when the finding is displayed."""
    detail = f"{hint.before} {hint.otherwise}".strip()
    return error(rule, summary, detail, span, fix=fix)._replace(hint=hint)


def warning(rule: str, summary: str, detail: str, span: Span, *related: Label) -> Diagnostic:
    """Return a warning at `span`: it stops nothing, and can be waived in the file where it stands."""
    return Diagnostic(rule, WARNING, summary, detail, Label(span), related)
