"""The view of a change of files: their diff, and the findings in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from moothall.diagnostics import Diagnostic
from moothall.report.diagnostics.view import DiagnosticView
from moothall.report.diagnostics.view import view as diagnostics_view
from moothall.report.edit.file_diff import file_diff

KIND = "edit"


class EditView(TypedDict):
    """The paths of the files that change, whether they were written, the unified diff, and new findings."""

    schemaVersion: int
    files: list[str]
    written: bool
    diff: str
    diagnostics: list[DiagnosticView]


def view(
    changes: Mapping[str, tuple[str | None, str]],
    diagnostics: Sequence[Diagnostic],
    files: Mapping[str, str],
    *,
    written: bool,
) -> EditView:
    """Return the view of changes: by path the text before, None where there is no file, and the text after.

    `files` is the text of every file that was read, by path.
    """
    return {
        "schemaVersion": 1,
        "files": sorted(changes),
        "written": written,
        "diff": file_diff(changes),
        "diagnostics": diagnostics_view(diagnostics, files)["diagnostics"],
    }
