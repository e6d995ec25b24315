"""From the text of files to documents of the right shape, to definitions, and to what the rules find in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache

from moothall import paths
from moothall.diagnostics import Diagnostic
from moothall.language.checks.secrets import secrets
from moothall.language.files.definitions import Reading, definitions
from moothall.language.files.sources import Source
from moothall.language.git.ages import AgeRank
from moothall.language.yaml.yaml12 import parse
from moothall.model.written import Definitions
from moothall.source import Document
from moothall.validation.groups import MODULES, group_of

_ParseResult = tuple[Document | None, tuple[Diagnostic, ...]]
"""A file's document if it is YAML, and what is wrong with it."""


def readings(files: Iterable[Source]) -> tuple[list[Reading], list[Diagnostic]]:
    """Return how far each file got, as far as its shape, and what is wrong with some of them."""
    files = tuple(files)
    parse_results = {file.path: _parse(file.path, file.text) for file in files if file.text is not None}
    file_readings: list[Reading] = []
    findings: list[Diagnostic] = []
    for file in files:
        document, wrong = parse_results.get(file.path, (None, ()))
        if document and not wrong:
            wrong = _shape_findings(document, file.kind, parse_results)
        file_readings.append(Reading(file.path, file.kind, document, sound=document is not None and not wrong))
        findings += wrong
    return file_readings, findings


def check_readings(
    file_readings: Sequence[Reading], as_of: date, age_rank: AgeRank
) -> tuple[Definitions, list[Diagnostic]]:
    """Return what the sound among the readings say, and what the rules find in it, accepted or not."""
    from moothall.language.checks.certainty import with_fixes
    from moothall.language.rules import check

    checked_definitions = definitions(file_readings, as_of)._replace(age_rank=age_rank)
    return checked_definitions, with_fixes(checked_definitions, list(check(checked_definitions)))


def decode_sources(files: Iterable[Source], as_of: date, age_rank: AgeRank) -> Definitions:
    """Return the definitions in files that are known to be right, without checking them."""
    file_readings = [Reading(file.path, file.kind, parse(file.path, file.text or "")[0], sound=True) for file in files]
    return definitions(file_readings, as_of)._replace(age_rank=age_rank)


def _parse(path: str, text: str) -> _ParseResult:
    """Return the document of one file and its findings; secrets replace all others."""
    document, wrong = parse(path, text)
    if leaks := tuple(secrets(path, text)):
        return document, leaks  # whatever else is said might quote them
    return document, wrong


def _shape_findings(document: Document, kind: str, parse_results: Mapping[str, _ParseResult]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a document's shape, with an eye on the names in those that belong to it."""
    from moothall.language.schema.shape import shape
    from moothall.language.schema.spelling import collect_names

    groups = (group_of(document.path), MODULES)
    names = cache(
        lambda: collect_names(each for path, (each, _) in parse_results.items() if each and group_of(path) in groups)
    )
    return shape(document, kind, paths.SCHEMAS, names)
