"""Evidence: the answer of a run written down as dated files, to read, for programs and for CI."""

from __future__ import annotations

from pathlib import Path

from moothall import private
from moothall.failures import OperationError, describe_os_error, hint_of
from moothall.model.outcome import Report
from moothall.report.renderers import render
from moothall.report.style import Style

FOLDER = "evidence"
"""Where evidence goes, below the root, unless another folder is named."""
PAGE = "markdown"
"""The format that people read."""
FORMS = {"json": "json", "junit": "xml", PAGE: "md"}
"""The formats in which an answer is kept, and how the names of their files end."""


def write(folder: Path, name: str, answer: Report) -> dict[str, Path]:
    """Write an answer in every format into a folder, as `name` with the format's ending; return the files by format.

    Raises OperationError when one cannot be written.
    """
    files = {form: folder / f"{name}.{ending}" for form, ending in FORMS.items()}
    texts = {form: render(answer, form, Style(colour=False)) for form in files}
    try:
        private.folder(folder)
        for form, file in files.items():
            private.write(file, texts[form])
    except OSError as error:
        raise OperationError(
            f"the report could not be written: {': '.join(describe_os_error(error, str(folder)))}",
            state="What the report is about was done nevertheless.",
            hint=hint_of(error, folder),
        ) from error
    return files
