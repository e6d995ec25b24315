"""Text that is not YAML: libyaml's complaint, and what it does not see, put into a finding."""

from __future__ import annotations

import re
from typing import Any

from moothall.diagnostics import ERROR, Diagnostic, Label
from moothall.language.yaml.places import span_of
from moothall.model.characters import like_a_space
from moothall.source import Span

RULE = "yaml-syntax"

_CONFLICT = re.compile(r"(?m)^<{7}(?: .*)?$")
"""How git begins what two changes have made of the same lines (git-merge(1), "How conflicts are presented")."""


def conflict(path: str, text: str) -> Diagnostic | None:
    """Return the finding about the first merge conflict that nobody has resolved, None without one."""
    found = _CONFLICT.search(text) if "<<<<<<<" in text else None
    if found is None:
        return None
    line = text.count("\n", 0, found.start())
    place = Label(span_of(path, (line, 0, line, len(found[0].rstrip("\r")))))
    detail = "Keep what is right of both sides, and remove the lines with <<<<<<<, =======, >>>>>>> and |||||||."
    return Diagnostic(RULE, ERROR, "a merge conflict is not resolved", detail, place)


def complaint(path: str, text: str, error: Any) -> Diagnostic:
    """Return the finding about libyaml's error; it stops at the first one of a file."""
    problem = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    words = [getattr(error, "context", None), getattr(error, "problem", None)]
    detail = ", ".join(word for word in words if word) or "libyaml cannot read it"
    if problem and _line(text, problem.line)[problem.column : problem.column + 1] == "\t":
        detail += ". Indent with spaces, not with tabs"
    if odd := _odd_space(text, context or problem, problem):
        detail += f". There is {odd}: it looks like a space and is none"
    primary = Label(_point(path, problem or context))
    begun = Label(_point(path, context), "begun here")
    related = (begun,) if context and begun.span != primary.span else ()
    return Diagnostic(RULE, ERROR, "this is not YAML", f"{detail[0].upper()}{detail[1:]}.", primary, related)


def _odd_space(text: str, first: Any, last: Any) -> str | None:
    """Return what is like a space on the lines between two marks of libyaml."""
    lines = range(first.line, last.line + 1) if first and last else range(0)
    found = ((number, like_a_space(_line(text, number))) for number in lines)
    return next((f"{odd} in line {number + 1}" for number, odd in found if odd), None)


def _point(path: str, mark: Any) -> Span:
    """Return the empty span at a mark of libyaml, or at the beginning without one."""
    line, column = (mark.line, mark.column) if mark else (0, 0)
    return span_of(path, (line, column, line, column))


def _line(text: str, number: int) -> str:
    return "".join(text.split("\n")[number : number + 1])
