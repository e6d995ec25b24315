"""From documents of the right shape to the nouns of `model.written`.

Total on what the schemas accept: an exception here is a bug of ours, never a mistake in a definition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from moothall.model import written
from moothall.source import Document, Origin, Route

T = TypeVar("T")


def partnership(document: Document) -> written.Partnership:
    """Return what a `partnership.yaml` says."""
    data: Any = document.data
    spec = data["spec"]
    return written.Partnership(
        metadata=_metadata(data["metadata"]),
        agreed=date.fromisoformat(spec["agreed"]),
        domain=spec["domain"],
        parties=tuple(spec["parties"]),
        sites=_each(document, ("spec", "sites"), spec["sites"], _site),
        links=tuple(
            _link(link, Origin(document, ("spec", "links", n))) for n, link in enumerate(spec.get("links", ()))
        ),
        instances=_each(document, ("spec", "instances"), spec["instances"], _instance),
        origin=Origin(document),
    )


def council(document: Document) -> written.Council:
    """Return what a file below `councils/` says."""
    data: Any = document.data
    spec = data["spec"]
    return written.Council(
        metadata=_metadata(data["metadata"]),
        joined=date.fromisoformat(spec["joined"]),
        site=spec["site"],
        network=spec["network"],
        uses=_each(document, ("spec", "uses"), spec.get("uses", {}), _use),
        offered={instance: tuple(modules) for instance, modules in spec.get("offered", {}).items()},
        origin=Origin(document),
    )


def module(document: Document) -> written.Module:
    """Return what a `module.yaml` says."""
    data: Any = document.data
    spec = data["spec"]
    return written.Module(
        metadata=_metadata(data["metadata"]),
        service=spec["service"],
        tryton_modules=tuple(spec["tryton"]["modules"]),
        proof_model=spec["tryton"]["proof-model"],
        origin=Origin(document),
    )


def _each(
    document: Document, route: Route, data: Mapping[str, Any], decode: Callable[[str, Any, Origin], T]
) -> dict[str, T]:
    """Decode every entry of a mapping of names to objects."""
    return {name: decode(name, entry, Origin(document, (*route, name))) for name, entry in data.items()}


def _metadata(data: Mapping[str, str]) -> written.Metadata:
    return written.Metadata(name=data["name"], uid=data.get("uid"), title=data["title"])


def _site(name: str, data: Mapping[str, Any], origin: Origin) -> written.Site:
    return written.Site(
        name=name,
        owner=data["owner"],
        network=data["network"],
        local=data["local"],
        desk=data.get("desk"),
        run_by=data.get("run-by"),
        transit=data.get("transit", False),
        origin=origin,
    )


def _link(data: Mapping[str, Any], origin: Origin) -> written.Link:
    one, other = data["between"]
    return written.Link(between=(one, other), network=data["network"], origin=origin)


def _instance(name: str, data: Mapping[str, Any], origin: Origin) -> written.Instance:
    return written.Instance(
        name=name,
        title=data.get("title"),
        host=data["host"],
        site=data["site"],
        product=data["product"],
        network=data["network"],
        desk_port=data.get("desk-port"),
        offers=tuple(data["offers"]),
        mirror=_mirror(data["mirror"], _below(origin, "mirror")) if "mirror" in data else None,
        backup=_backup(data["backup"], _below(origin, "backup")) if "backup" in data else None,
        origin=origin,
    )


def _mirror(data: Mapping[str, Any], origin: Origin) -> written.Mirror:
    return written.Mirror(site=data["site"], network=data["network"], origin=origin)


def _backup(data: Mapping[str, Any], origin: Origin) -> written.Backup:
    return written.Backup(
        site=data["site"],
        network=data.get("network"),
        every=data["every"],
        keep_full=data["keep-full"],
        origin=origin,
    )


def _use(instance: str, data: Mapping[str, Any], origin: Origin) -> written.Use:
    modules = {name: _module_use(name, use, _below(origin, "modules", name)) for name, use in data["modules"].items()}
    return written.Use(
        instance=instance,
        start=_date(data.get("from")),
        until=_date(data.get("until")),
        planned=data.get("planned", False),
        modules=modules,
        origin=origin,
    )


def _module_use(name: str, data: Mapping[str, Any], origin: Origin) -> written.ModuleUse:
    return written.ModuleUse(
        module=name,
        start=_date(data.get("from")),
        until=_date(data.get("until")),
        planned=data.get("planned", False),
        origin=origin,
    )


def _below(origin: Origin, *steps: str) -> Origin:
    return Origin(origin.document, origin.route + steps)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
