"""Fixes that findings carry, put into the texts they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from moothall.diagnostics import Diagnostic, Fix
from moothall.language.edit.splice import Lines, Splice, splice


class Repair(NamedTuple):
    """One text before and after, and the findings that were answered by it."""

    path: str
    old_text: str
    new_text: str
    fixed_findings: tuple[Diagnostic, ...]


def repairs(diagnostics: Iterable[Diagnostic], files: Mapping[str, str]) -> tuple[Repair, ...]:
    """Return a repair for every file that a fix is for; one that is not among `files` is not ours to write.

    Of fixes that overlap only the first is taken: look at the result again for the others.
    """
    by_path: dict[str, list[tuple[Diagnostic, Fix]]] = {}
    for diagnostic in diagnostics:
        if diagnostic.fix and diagnostic.fix.span.path in files:
            by_path.setdefault(diagnostic.fix.span.path, []).append((diagnostic, diagnostic.fix))
    return tuple(_repair(path, files[path], fixes) for path, fixes in by_path.items())


def _repair(path: str, old_text: str, fixes: Iterable[tuple[Diagnostic, Fix]]) -> Repair:
    lines = Lines(old_text)
    findings: dict[Splice, Diagnostic] = {}
    for diagnostic, fix in fixes:
        findings.setdefault(Splice(lines.start(fix.span), lines.end(fix.span), fix.text), diagnostic)
    new_text, applied_splices = splice(old_text, findings)
    return Repair(path, old_text, new_text, tuple(findings[applied] for applied in applied_splices))
