"""Names of the wrong shape, `Durham_DC`, that are another place's but for capitals and `_`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.fixes import reworded
from moothall.language.checks.nearest import Near, plain
from moothall.source import Document

Names = Callable[[], Near]
"""The names that are written in the right way anywhere; gathered when they are asked for."""

_NAME = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")


def respelt(finding: Diagnostic, value: object, names: Names) -> Diagnostic:
    """Return the finding about a value with its fix, if just one name that is written elsewhere can have been meant."""
    if not isinstance(value, str) or plain(value) == value or plain(value) not in names():
        return finding
    meant = plain(value)
    detail = f'{finding.detail} Did you mean "{meant}"?'
    fix = None if names().has_near(meant) else reworded(finding.primary.span, value, meant)
    return finding._replace(detail=detail, fix=fix)


def written(documents: Iterable[Document]) -> Near:
    """Return every name that stands in the documents, or in their paths."""
    return Near({name for document in documents for name in _words(document) if _NAME.fullmatch(name)})


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
