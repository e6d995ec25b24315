"""Names of the wrong shape, `Durham_DC`, that are another place's but for capitals and `_`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.fixes import replacement_fix
from moothall.language.checks.nearest import NameIndex, normalise
from moothall.source import Document

Names = Callable[[], NameIndex]
"""The names that are written in the right way anywhere; gathered when they are asked for."""

_NAME = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")


def with_spelling_fix(finding: Diagnostic, value: object, names: Names) -> Diagnostic:
    """Return the finding about a value with its fix, if just one name that is written elsewhere can have been meant."""
    if not isinstance(value, str) or normalise(value) == value or normalise(value) not in names():
        return finding
    candidate = normalise(value)
    detail = f'{finding.detail} Did you mean "{candidate}"?'
    fix = None if names().has_near(candidate) else replacement_fix(finding.primary.span, value, candidate)
    return finding._replace(detail=detail, fix=fix)


def collect_names(documents: Iterable[Document]) -> NameIndex:
    """Return every name that stands in the documents, or in their paths."""
    return NameIndex({name for document in documents for name in _words(document) if _NAME.fullmatch(name)})


def _words(document: Document) -> Iterator[str]:
    yield from document.path.removesuffix(".yaml").split("/")
    rest = [document.data]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            yield from value
            rest += value.values()
        elif isinstance(value, list):
            rest += value
        elif isinstance(value, str):
            yield value
