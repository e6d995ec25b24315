"""Publish the schemas of the definitions, for editors and for people."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moothall import paths
from moothall.failures import USAGE, OperationError, hint_of
from moothall.model.outcome import Report
from moothall.model.uses import Uses
from moothall.operations.context import Context
from moothall.report.text.view import text_of

HELP = "Print the JSON Schema of one kind of file, or of all; write them into a folder; print the reference page."
USES = Uses()
KINDS = ("partnership", "active", "council", "module", "engines")


@dataclass(frozen=True)
class Options:
    """Which schema, where it is written, and whether the reference page is wanted."""

    kind: str | None
    output: Path | None
    reference: bool


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add which schema, and where to."""
    parser.add_argument(
        "kind", metavar="KIND", nargs="?", choices=KINDS, help=f"one of {', '.join(KINDS)}; all if left out"
    )
    parser.add_argument("--output", metavar="DIR", type=Path, help="write KIND.schema.json files there")
    parser.add_argument("--reference", action="store_true", help="print every key of every kind, as Markdown")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(kind=namespace.kind, output=namespace.output, reference=namespace.reference)


def run(options: Options, context: Context) -> Report:
    """Return the schemas: one as it is, several by kind.

    Raises OperationError when a file cannot be written.
    """
    kinds = (options.kind,) if options.kind else KINDS
    if options.reference:
        return _reference(options)
    if options.output:
        return text_of("".join(_write(options.output, kind) for kind in kinds))
    schemas = {kind: json.loads(_text(kind)) for kind in kinds}
    return Report("schema", schemas[options.kind] if options.kind else schemas)


def _reference(options: Options) -> Report:
    """Return the reference page."""
    from moothall.report.reference import reference

    if options.kind or options.output:
        message = "the reference is one page about all kinds"
        raise OperationError(message, hint="moothall schema --reference", exit_code=USAGE)
    schemas: dict[str, Any] = {kind: json.loads(_text(kind)) for kind in KINDS}
    return text_of(reference(schemas))


def _text(kind: str) -> str:
    return (paths.SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")


def _write(folder: Path, kind: str) -> str:
    """Write one schema and return the line that says so."""
    place = folder / f"{kind}.schema.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place.write_text(_text(kind), encoding="utf-8")
    except OSError as error:
        raise OperationError(f"{place} cannot be written: {error.strerror}.", hint=hint_of(error, folder)) from error
    return f"{place}\n"
