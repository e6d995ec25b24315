"""Writing an answer down as dated evidence: to read, for programs, and for CI."""

from __future__ import annotations

from pathlib import Path

from moothall import private
from moothall.failures import OperationError
from moothall.model.outcome import Report
from moothall.report.renderers import render
from moothall.report.style import Style

FORMS = {"markdown": "md", "json": "json", "junit": "xml"}


def write(folder: Path, name: str, answer: Report) -> Path:
    """Write the answer in every form into `folder`, as `name` with each form's ending; return the page to read.

    Raises OperationError when a file cannot be written.
    """
    try:
        private.folder(folder)
        for form, ending in FORMS.items():
            private.write(folder / f"{name}.{ending}", render(answer, form, Style(False)))
    except OSError as error:
        message = f"the report could not be written: {error.filename}: {error.strerror}"
        state = "What the report is about was done nevertheless."
        raise OperationError(message, state=state, hint="the same command with --evidence DIR") from error
    return folder / f"{name}.{FORMS['markdown']}"
