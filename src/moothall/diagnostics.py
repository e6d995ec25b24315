"""Findings about what people wrote: values, never exceptions.

A diagnostic names one primary place and any number of related ones, each with a short label. Stages
return their best effort and a list of diagnostics; nothing is printed here.
"""

from collections.abc import Iterable
from typing import NamedTuple

from moothall.source import Span

ERROR = "error"
WARNING = "warning"
SECRET = "secret-in-clear"  # noqa: S105  # the id of a rule
"""The rule whose findings are shown without the line that they are about."""


class Label(NamedTuple):
    """A place with a few words on what it shows ("declared here")."""

    span: Span
    text: str = ""


class Fix(NamedTuple):
    """A certain correction: the text that should stand at `span` instead."""

    span: Span
    text: str


class Hint(NamedTuple):
    """The names among which the one that was meant is looked for when a finding is shown: it costs as much as a file.

    `before` and `otherwise` are sentences of the detail: the one that always stands, and the one where no name is near.
    """

    name: str
    names: frozenset[str]
    before: str = ""
    otherwise: str = ""


class Diagnostic(NamedTuple):
    """One finding: a stable rule id, a terse summary, a sentence of detail that says how to mend it.

    The line of a `private` one is not shown.
    """

    rule: str
    severity: str
    summary: str
    detail: str
    primary: Label
    related: tuple[Label, ...] = ()
    fix: Fix | None = None
    hint: Hint | None = None
    private: bool = False


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics sorted by place, then rule and text, each once."""
    unique = dict.fromkeys(diagnostics)
    return tuple(sorted(unique, key=lambda d: (d.primary.span, d.rule, d.summary, d.detail)))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Say whether any of the diagnostics is an error."""
    return any(d.severity == ERROR for d in diagnostics)
