"""What the OASIS Standard SARIF 2.1.0 says about the part of its format that we write, as a closed JSON Schema.

Written from the sections named; what we do not write is not allowed here, so that a new member is looked up first.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}


def closed(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """Return the schema of an object with these members and no others."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def array(items: Schema, least: int = 0) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items, "minItems": least}


NUMBER: Schema = {"type": "integer", "minimum": 1}
URI: Schema = {"type": "string", "pattern": "^[A-Za-z0-9._~/%-]+$"}
MESSAGE = closed({"text": TEXT}, {"markdown": TEXT})  # 3.11, 3.12
ARTIFACT_LOCATION = closed({"uri": URI})  # 3.4
REGION = closed({"startLine": NUMBER, "startColumn": NUMBER, "endLine": NUMBER, "endColumn": NUMBER})  # 3.30
PHYSICAL_LOCATION = closed({"artifactLocation": ARTIFACT_LOCATION, "region": REGION})  # 3.29
LOCATION = closed({"physicalLocation": PHYSICAL_LOCATION}, {"message": MESSAGE, "id": NUMBER})  # 3.28
REPLACEMENT = closed({"deletedRegion": REGION}, {"insertedContent": closed({"text": {"type": "string"}})})  # 3.57
ARTIFACT_CHANGE = closed({"artifactLocation": ARTIFACT_LOCATION, "replacements": array(REPLACEMENT, 1)})  # 3.56
FIX = closed({"artifactChanges": array(ARTIFACT_CHANGE, 1)}, {"description": MESSAGE})  # 3.55
RESULT = closed(  # 3.27
    {
        "ruleId": TEXT,
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["error", "warning", "note", "none"]},
        "message": MESSAGE,
        "locations": array(LOCATION, 1),
        "partialFingerprints": {"type": "object", "additionalProperties": TEXT},
    },
    {"relatedLocations": array(LOCATION, 1), "fixes": array(FIX, 1)},
)
RULE = closed({"id": TEXT}, {"shortDescription": MESSAGE, "fullDescription": MESSAGE, "help": MESSAGE})  # 3.49
DRIVER = closed({"name": TEXT, "version": TEXT, "rules": array(RULE)})  # 3.19
RUN = closed(  # 3.14
    {
        "tool": closed({"driver": DRIVER}),
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": array(RESULT),
    }
)
LOG = closed({"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": array(RUN)})  # 3.13
