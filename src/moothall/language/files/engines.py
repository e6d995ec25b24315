"""The file that maps sites to engines, from a sound document to the noun."""

from __future__ import annotations

from typing import Any, cast

from moothall.model.engines import Endpoint, Engine, Engines
from moothall.source import Document


def engines(document: Document, local: Endpoint) -> Engines:
    """Return what a document whose shape is right says; `local` serves every other site."""
    written = cast(dict[str, Any], document.data)["spec"]["engines"]
    return Engines(local, tuple(_engine(name, said) for name, said in sorted(written.items())))


def _engine(name: str, said: dict[str, Any]) -> Engine:
    endpoint = Endpoint(said["endpoint"], said.get("certificates", ""))
    return Engine(name, endpoint, tuple(said["sites"]), said.get("links", {}), said.get("ports", {}))
