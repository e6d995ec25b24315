"""The walk that every verb takes: read and check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from moothall import home
from moothall.check.rules import check
from moothall.check.shape import shape
from moothall.diagnostics import Diagnostic, in_order
from moothall.failures import USAGE, Failure
from moothall.model.written import Definitions
from moothall.read.definitions import Reading, definitions
from moothall.read.sources import Source, sources
from moothall.read.yaml12 import parse

if TYPE_CHECKING:  # only who compiles has a need to load the plan
    from moothall.model.planned import Plan


class Loaded(NamedTuple):
    """Everything below a root: the definitions as far as they are sound, all findings, the text of each file."""

    definitions: Definitions
    diagnostics: tuple[Diagnostic, ...]
    files: Mapping[str, str]


def load(root: Path) -> Loaded:
    """Read and check everything below `root`, which holds `partnerships/`.

    Raises Failure if it does not. Mistakes in files are diagnostics: ask `has_errors` before going on.
    """
    if not (root / "partnerships").is_dir():
        what = f"{root} has no folder partnerships/"
        raise Failure(what, mend="moothall validate --root FOLDER", exit_code=USAGE)
    found, findings = sources(root, home.catalogue(root))
    readings: list[Reading] = []
    diagnostics = list(findings)
    for source in found:
        reading, wrong = _read(source)
        readings.append(reading)
        diagnostics += wrong
    defined = definitions(readings)
    diagnostics += check(defined)
    texts = {source.path: source.text for source in found if source.text is not None}
    return Loaded(defined, in_order(diagnostics), texts)


def compile_all(loaded: Loaded, as_of: date) -> tuple[Plan, ...]:
    """Return the plan of every partnership on the day `as_of`; the definitions must be sound."""
    from moothall.imagetags import tags
    from moothall.plan import compile_plan
    from moothall.resolve import resolve

    images = tags(home.IMAGES)
    folders = sorted(loaded.definitions.folders, key=lambda folder: folder.partnership.metadata.name)
    return tuple(compile_plan(resolve(folder, loaded.definitions.modules, as_of), images) for folder in folders)


def _read(source: Source) -> tuple[Reading, tuple[Diagnostic, ...]]:
    """Take one file as far as its shape."""
    if source.text is None:
        return Reading(source.path, source.kind, None, sound=False), ()
    document, wrong = parse(source.path, source.text)
    if document:
        wrong = shape(document, source.kind, home.SCHEMAS)
    return Reading(source.path, source.kind, document, sound=not wrong), wrong
