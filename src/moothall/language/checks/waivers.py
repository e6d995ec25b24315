"""Warnings that a file says are accepted: each for one rule, with a reason, until a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from moothall.diagnostics import WARNING, Diagnostic, Label
from moothall.language.checks.finding import warning
from moothall.language.checks.nearest import nearest
from moothall.model.written import Definitions, Waiver

RULE = "waiver-unused"


def apply_waivers(definitions: Definitions, findings: Iterable[Diagnostic]) -> tuple[list[Diagnostic], int]:
    """Return the findings that count, and the number of those that are waived.

    A waiver that is over says so beside the warning that it no longer covers; one that covers nothing is a finding.
    """
    waivers = {(waiver.origin.document.path, waiver.rule): waiver for waiver in _all(definitions)}
    if not waivers:
        return list(findings), 0
    kept: list[Diagnostic] = []
    used: set[tuple[str, str]] = set()
    waived = 0
    for finding in findings:
        key = (finding.primary.span.path, finding.rule)
        waiver = waivers.get(key) if finding.severity == WARNING else None
        if waiver is None:
            kept.append(finding)
            continue
        used.add(key)
        if definitions.as_of < waiver.until:
            waived += 1
        else:
            over = Label(waiver.origin.value("until"), "it was accepted until here")
            kept.append(finding._replace(related=(*finding.related, over)))
    rules = {finding.rule for finding in kept if finding.severity == WARNING}
    return kept + [_unused(waiver, rules) for key, waiver in waivers.items() if key not in used], waived


def _all(definitions: Definitions) -> Iterator[Waiver]:
    for folder in definitions.folders:
        yield from folder.partnership.waivers
        for council in folder.councils:
            yield from council.waivers


def _unused(waiver: Waiver, rules: set[str]) -> Diagnostic:
    summary = f'there is no warning of the rule "{waiver.rule}" in this file'
    detail = f"Remove the waiver. Errors cannot be waived. {nearest(waiver.rule, rules)}"
    return warning(RULE, summary, detail.strip(), waiver.origin.value("rule"))
