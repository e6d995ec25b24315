"""Comma-separated files (RFC 4180) as rows of cells that know where they stand.

The standard library's reader forgets columns, and a finding without one is of little use in a line of ten fields.
A field may be quoted; it ends on its own line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from moothall.diagnostics import ERROR, Diagnostic, Label
from moothall.source import Span

_CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^,"]*))(,|$)')


class Cell(NamedTuple):
    """The text of one field, without blanks around it and without quotes, and where it stands."""

    text: str
    span: Span


Row = Mapping[str, Cell]
"""The cells of one line by the names of their columns."""


class Table(NamedTuple):
    """One file: its rows as far as they could be read, what is wrong with it, and its text (for excerpts)."""

    path: str
    rows: tuple[Row, ...]
    findings: tuple[Diagnostic, ...]
    text: str


def finding(rule: str, summary: str, detail: str, span: Span, *related: Label) -> Diagnostic:
    """Return an error about an extract."""
    return Diagnostic(rule, ERROR, summary, detail, Label(span), related)


def table(path: str, content: bytes, columns: Sequence[str]) -> Table:
    """Return the rows of a file whose first line names exactly `columns`, in any order."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Table(path, (), (_encoding_finding(path, content, error),), "")
    lines = [(number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), 1)]
    names = tuple(cell.text for cell in _cells(path, *lines[0]))
    if sorted(names) != sorted(columns):
        return Table(path, (), (_header_finding(path, lines[0][1], columns),), text)
    rows, findings = [], []
    for number, line in lines[1:]:
        cells = _cells(path, number, line)
        if len(cells) == len(names):
            rows.append(dict(zip(names, cells, strict=True)))
        elif line.strip():
            findings.append(_line_finding(path, number, line, len(cells), len(names)))
    return Table(path, tuple(rows), tuple(findings), text)


def _cells(path: str, number: int, line: str) -> list[Cell]:
    """Return the cells of a line, none where its quotes do not fit."""
    cells = list(_split(path, number, line))
    return cells if cells and cells[-1].span.end_column == len(line) + 1 else []


def _split(path: str, number: int, line: str) -> Iterator[Cell]:
    """Yield the cells from the left, as far as they can be read."""
    start = 0
    while match := _CELL.match(line, start):
        quoted_text, plain_text, comma = match.groups()
        text = plain_text if quoted_text is None else quoted_text.replace('""', '"')
        yield Cell(text.strip(), Span(path, number, start + 1, number, match.end() - len(comma) + 1))
        if not comma:
            return
        start = match.end()


def _encoding_finding(path: str, content: bytes, error: UnicodeDecodeError) -> Diagnostic:
    prefix = content[: error.start]
    line = prefix.count(b"\n") + 1
    column = len(prefix.rpartition(b"\n")[2].decode("utf-8-sig")) + 1
    summary = f"the byte 0x{content[error.start]:02X} is not UTF-8"
    detail = "Write the extract as UTF-8; read as anything else the same bytes are other letters."
    return finding("extract-encoding", summary, detail, Span(path, line, column, line, column + 1))


def _header_finding(path: str, line: str, columns: Sequence[str]) -> Diagnostic:
    detail = f"The first line names the columns: {','.join(columns)}."
    return finding("extract-columns", "the columns are not those of an extract", detail, _line_span(path, 1, line))


def _line_finding(path: str, number: int, line: str, actual: int, expected: int) -> Diagnostic:
    if actual:
        summary = f"the line has {actual} fields instead of {expected}"
        detail = "Quote a field that holds a comma, and leave no field out."
    else:
        summary = "the quotation marks do not fit"
        detail = 'A quoted field begins and ends with a mark, on one line; inside it a mark is written twice: "".'
    return finding("extract-columns", summary, detail, _line_span(path, number, line))


def _line_span(path: str, number: int, line: str) -> Span:
    return Span(path, number, 1, number, max(len(line), 1) + 1)
