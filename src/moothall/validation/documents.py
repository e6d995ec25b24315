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
from moothall.language.git.ages import Added
from moothall.language.yaml.yaml12 import parse
from moothall.model.written import Definitions
from moothall.source import Document
from moothall.validation.groups import MODULES, group_of

_Parsed = tuple[Document | None, tuple[Diagnostic, ...]]
"""A file's document if it is YAML, and what is wrong with it."""


def readings(files: Iterable[Source]) -> tuple[list[Reading], list[Diagnostic]]:
    """Return how far each file got, as far as its shape, and what is wrong with some of them."""
    files = tuple(files)
    parsed = {file.path: _parsed(file.path, file.text) for file in files if file.text is not None}
    found: list[Reading] = []
    findings: list[Diagnostic] = []
    for file in files:
        document, wrong = parsed.get(file.path, (None, ()))
        if document and not wrong:
            wrong = _shape(document, file.kind, parsed)
        found.append(Reading(file.path, file.kind, document, sound=document is not None and not wrong))
        findings += wrong
    return found, findings


def checked(read: Sequence[Reading], as_of: date, added: Added) -> tuple[Definitions, list[Diagnostic]]:
    """Return what the sound among the readings say, and what the rules find in it, accepted or not."""
    from moothall.language.checks.certainty import mended
    from moothall.language.rules import check

    defined = definitions(read, as_of)._replace(added=added)
    return defined, mended(defined, list(check(defined)))


def decoded(files: Iterable[Source], as_of: date, added: Added) -> Definitions:
    """Return what files say that are known to be right, which is not asked again."""
    read = [Reading(file.path, file.kind, parse(file.path, file.text or "")[0], sound=True) for file in files]
    return definitions(read, as_of)._replace(added=added)


def _parsed(path: str, text: str) -> _Parsed:
    """Take one file as far as its data."""
    document, wrong = parse(path, text)
    if leaks := tuple(secrets(path, text)):
        return document, leaks  # whatever else is said might quote them
    return document, wrong


def _shape(document: Document, kind: str, parsed: Mapping[str, _Parsed]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a document's shape, with an eye on the names in those that belong to it."""
    from moothall.language.schema.shape import shape
    from moothall.language.schema.spelling import written

    groups = (group_of(document.path), MODULES)
    names = cache(lambda: written(each for path, (each, _) in parsed.items() if each and group_of(path) in groups))
    return shape(document, kind, paths.SCHEMAS, names)
