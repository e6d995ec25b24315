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

    A waiver that has expired is a label of the warning that it no longer covers; one that covers nothing is a finding.
    """
    waivers = {(waiver.origin.document.path, waiver.rule): waiver for waiver in _all_waivers(definitions)}
    if not waivers:
        return list(findings), 0
    remaining_findings: list[Diagnostic] = []
    used_waivers: set[tuple[str, str]] = set()
    waived_count = 0
    for finding in findings:
        key = (finding.primary.span.path, finding.rule)
        waiver = waivers.get(key) if finding.severity == WARNING else None
        if waiver is None:
            remaining_findings.append(finding)
            continue
        used_waivers.add(key)
        if definitions.as_of < waiver.until:
            waived_count += 1
        else:
            expiry_label = Label(waiver.origin.value("until"), "it was accepted until here")
            remaining_findings.append(finding._replace(related=(*finding.related, expiry_label)))
    rules = {finding.rule for finding in remaining_findings if finding.severity == WARNING}
    return remaining_findings + [
        _unused_waiver(waiver, rules) for key, waiver in waivers.items() if key not in used_waivers
    ], waived_count


def _all_waivers(definitions: Definitions) -> Iterator[Waiver]:
    for folder in definitions.folders:
        yield from folder.partnership.waivers
        for council in folder.councils:
            yield from council.waivers


def _unused_waiver(waiver: Waiver, rules: set[str]) -> Diagnostic:
    summary = f'there is no warning of the rule "{waiver.rule}" in this file'
    detail = f"Remove the waiver. Errors cannot be waived. {nearest(waiver.rule, rules)}"
    return warning(RULE, summary, detail.strip(), waiver.origin.value("rule"))
