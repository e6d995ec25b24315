"""What a manifest has to be before anything in it is used: an export comes from wherever somebody has kept it.

Its names become arguments, names in SQL and paths below the export's folder; so each must be a name, and each path one
of those that an export has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
_DATABASE = r"[a-z][a-z0-9_]*"
_UID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]+"
_DIGEST = r"-?[0-9]+"


def check_manifest(document: object, dump: str, attachments: str) -> None:
    """Raise ValueError, in words, unless it is a manifest; `dump` and `attachments` are the names in each folder."""
    manifest = _object(document, "it")
    council = _object(manifest.get("council"), "council")
    _text(council, "name", _NAME)
    _text(council, "uid", _UID)
    _text(council, "title", _LINE)
    _text(manifest, "partnership", _NAME)
    _text(manifest, "taken", _LINE)
    _text(manifest, "by", _LINE)
    _text(_object(manifest.get("versions"), "versions"), "postgresql", _LINE)
    _object(manifest.get("files"), "files")
    for instance, tenant in _object(manifest.get("tenants"), "tenants").items():
        _text({"instance": instance}, "instance", _NAME)
        _tenant(_object(tenant, instance), f"{instance}/{dump}", f"{instance}/{attachments}/")


def _tenant(tenant: Mapping[str, Any], dump: str, attachments_prefix: str) -> None:
    _text(tenant, "title", _LINE)
    _text(tenant, "database", _DATABASE)
    _text(tenant, "dump", re.escape(dump))
    if type(tenant.get("frozen")) is not bool:
        raise ValueError("frozen is neither true nor false")
    for table in _object(tenant.get("tables"), "tables").values():
        if type(_object(table, "a table").get("rows")) is not int:
            raise ValueError("the rows of a table are no whole number")
        _text(table, "digest", _DIGEST)
    entries = tenant.get("attachments")
    if not isinstance(entries, list):
        raise ValueError("attachments is no list")
    for entry in entries:
        if type(_object(entry, "an attachment").get("id")) is not int:
            raise ValueError("the id of an attachment is no whole number")
        if "path" in entry:
            _text(entry, "path", rf"{re.escape(attachments_prefix)}{entry['id']}-[^/\x00]+")


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is no object")
    return value


def _text(holder: Mapping[str, Any], key: str, pattern: str) -> None:
    value = holder.get(key)
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError(f"{key} is {value!r}")
