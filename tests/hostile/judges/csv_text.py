"""CSV: no cell that a spreadsheet takes for a formula (OWASP, CSV injection). No verb has this form yet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def complaints(output: str) -> Iterator[str]:
    """Yield each cell that begins a formula."""
    cells = (cell for row in csv.reader(io.StringIO(output, newline="")) for cell in row)
    yield from (f"a formula: {cell!r}" for cell in cells if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell))
