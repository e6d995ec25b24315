"""Findings as SARIF 2.1.0, which code hosts show beside the lines (OASIS Standard of 27 March 2020).

Section numbers below are those of https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Columns count
code points from 1 and ends are exclusive, as in our spans. Paths are relative to the root.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from moothall import __version__
from moothall.report.diagnostics.rule_help import rule_help
from moothall.report.diagnostics.view import DiagnosticsView, DiagnosticView, FixView, PlaceView
from moothall.report.style import Style, safe

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

Json = dict[str, Any]
_MARKUP = str.maketrans({"\\": r"\\", "[": r"\[", "]": r"\]", "{": "{{", "}": "}}"})


def render(view: DiagnosticsView, style: Style) -> str:
    """Return the log of one run, never coloured."""
    rules = sorted({finding["rule"] for finding in view["diagnostics"]})
    run = {
        "tool": {"driver": {"name": "moothall", "version": __version__, "rules": [_rule(rule) for rule in rules]}},
        "columnKind": "unicodeCodePoints",  # 3.14.17
        "results": _results(view["diagnostics"], rules),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: str) -> Json:
    """Return a reporting descriptor (3.49); a rule without documentation has its id alone.

    Both descriptions and the help are what GitHub asks for
    (https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning).
    """
    section = rule_help().get(rule)
    if section is None:
        return {"id": rule}
    sentence = section.text.partition(". ")[0].removesuffix(".")
    help_text = {"text": section.text, "markdown": section.markdown}
    return {
        "id": rule,
        "shortDescription": {"text": f"{sentence}."},
        "fullDescription": {"text": section.text},
        "help": help_text,
    }


def _results(findings: Sequence[DiagnosticView], rules: Sequence[str]) -> list[Json]:
    """Return the results, each with a fingerprint (3.27.17) that outlives a change of its line."""
    occurrences: Counter[str] = Counter()
    results = []
    for finding in findings:
        digest = _digest(finding)
        occurrences[digest] += 1
        fingerprints = {"finding/v1": f"{digest}:{occurrences[digest]}"}
        identity = {"ruleIndex": rules.index(finding["rule"]), "partialFingerprints": fingerprints}
        results.append(_result(finding) | identity)
    return results


def _result(finding: DiagnosticView) -> Json:
    """Return a result (3.27)."""
    result: Json = {
        "ruleId": finding["rule"],
        "level": finding["severity"],
        "message": _message(f"{finding['summary']}. {finding['detail']}".rstrip()),
        "locations": [_location(finding["primary"])],
    }
    if finding["related"]:
        result["relatedLocations"] = [
            {"id": number, **_location(place)} for number, place in enumerate(finding["related"], start=1)
        ]
    if "fix" in finding:
        result["fixes"] = [_fix(finding["fix"])]
    return result


def _location(place: PlaceView) -> Json:
    """Return a location (3.28), with the place's label as its message."""
    physical = {"artifactLocation": _artifact(place), "region": _region(place)}
    location: Json = {"physicalLocation": physical}
    return {**location, "message": _message(place["label"])} if place["label"] else location


def _message(text: str) -> Json:
    """Return a message (3.11), in which no bracket begins a link (3.11.6) and no brace a placeholder (3.11.5)."""
    return {"text": safe(text).translate(_MARKUP)}


def _artifact(place: PlaceView) -> Json:
    return {"uri": quote(place["path"], errors="surrogateescape")}


def _region(place: PlaceView) -> Json:
    """Return a region of text (3.30)."""
    return {
        "startLine": place["line"],
        "startColumn": place["column"],
        "endLine": place["endLine"],
        "endColumn": place["endColumn"],
    }


def _fix(fix: FixView) -> Json:
    """Return a fix (3.55): one replacement in one file."""
    replacement = {"deletedRegion": _region(fix), "insertedContent": {"text": fix["text"]}}
    change = {"artifactLocation": _artifact(fix), "replacements": [replacement]}
    description = f"Write {fix['text']}" if fix["text"] else "Remove it"
    return {"description": _message(description), "artifactChanges": [change]}


def _digest(finding: DiagnosticView) -> str:
    """Return what stays the same when lines above are added: rule, file and summary."""
    words = (finding["rule"], finding["primary"]["path"], finding["summary"])
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogateescape")).hexdigest()[:32]
