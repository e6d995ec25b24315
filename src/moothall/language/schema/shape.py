"""The shape of one document by its JSON Schema: `jsonschema_rs` decides, and `jsonschema` explains a no."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from moothall.diagnostics import Diagnostic
from moothall.language.checks.nearest import NameIndex
from moothall.language.schema.spelling import Names
from moothall.language.schema.versions import old_version
from moothall.language.schema.wholes import with_fractions
from moothall.source import Document

KINDS = {"partnership": "Partnership", "active": "Active", "council": "Council", "module": "Module"}


def shape(document: Document, kind: str, schemas: Path, names: Names = NameIndex) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the shape of a document of the kind partnership, active, council, module or engines.

    A value with several faults is named once, and one of another type for its type. Of a document that says it is of
    another kind, only that is said. `names` are those that may be meant by one of the wrong shape.
    """
    if kind_finding := _other_kind_finding(document, kind.capitalize()):
        return (kind_finding,)
    if version_finding := old_version(document):
        return (version_finding,)
    data = with_fractions(document.data)
    if _validator(schemas, kind).is_valid(data):  # nearly every file is, and this is the cheaper question
        return ()
    from moothall.language.schema.shape_findings import shape_findings  # what explains is loaded where there is a fault

    return shape_findings(document, data, _schema(schemas, kind), names)


@cache
def _validator(schemas: Path, kind: str) -> Any:
    return jsonschema_rs.validator_for(_text(schemas, kind), validate_formats=True)


@cache
def _schema(schemas: Path, kind: str) -> dict[str, Any]:
    """Return the schema as data, which is needed only to explain a fault."""
    import json

    schema: dict[str, Any] = json.loads(_text(schemas, kind))
    return schema


def _text(schemas: Path, kind: str) -> str:
    return (schemas / f"{kind}.schema.json").read_text(encoding="utf-8")


def _other_kind_finding(document: Document, kind: str) -> Diagnostic | None:
    kind_in_file = document.data.get("kind") if isinstance(document.data, dict) else kind
    if kind_in_file == kind or kind_in_file not in KINDS.values():
        return None
    from moothall.language.checks.finding import error
    from moothall.language.schema.shape_findings import WRONG_VALUE, quote

    detail = f"The place of a file gives its kind, and this is the place of a {kind}: move the file or change its kind."
    return error(WRONG_VALUE, f"{quote(kind_in_file)} is not what stands here", detail, document.place(("kind",)).value)
