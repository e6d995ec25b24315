"""The file that maps sites to engines, from a sound document to the noun."""

from __future__ import annotations

from typing import Any, cast

from moothall.model.engines import Endpoint, Engine, Engines
from moothall.source import Document


def engines(document: Document, local: Endpoint) -> Engines:
    """Return what a document whose shape is right says; `local` serves every other site."""
    entries = cast(dict[str, Any], document.data)["spec"]["engines"]
    return Engines(local, tuple(_engine(name, data) for name, data in sorted(entries.items())))


def _engine(name: str, data: dict[str, Any]) -> Engine:
    endpoint = Endpoint(data["endpoint"], data.get("certificates", ""))
    return Engine(name, endpoint, tuple(data["sites"]), data.get("links", {}), data.get("ports", {}))
