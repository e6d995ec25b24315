"""From documents of the right shape to the nouns of `model.written`.

Total on what the schemas accept: an exception here is an internal error, never a mistake in a definition.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
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
        review=_date(spec.get("review")),
        ends=_date(spec.get("ends")),
        exit=written.Exit(**spec["exit"]) if "exit" in spec else None,
        domain=spec["domain"],
        parties=tuple(spec["parties"]),
        organisations=_decode_entries(
            document, ("spec", "organisations"), spec.get("organisations", {}), _organisation
        ),
        sites=_decode_entries(document, ("spec", "sites"), spec["sites"], _site),
        links=tuple(
            _link(link, Origin(document, ("spec", "links", n))) for n, link in enumerate(spec.get("links", ()))
        ),
        instances=_decode_entries(document, ("spec", "instances"), spec["instances"], _instance),
        external=_decode_entries(document, ("spec", "external"), spec.get("external", {}), _external),
        shares=_decode_entries(document, ("spec", "shares"), spec.get("shares", {}), _cost),
        policy=_policy(spec["policy"], Origin(document, ("spec", "policy"))) if "policy" in spec else None,
        logs=written.Logs(**spec["logs"], origin=Origin(document, ("spec", "logs"))) if "logs" in spec else None,
        waivers=_waivers(document, spec),
        origin=Origin(document),
    )


def council(document: Document) -> written.Council:
    """Return what a file below `councils/` says."""
    data: Any = document.data
    spec = data["spec"]
    return written.Council(
        metadata=_metadata(data["metadata"]),
        joined=date.fromisoformat(spec["joined"]),
        notice_given=_date(spec.get("notice-given")),
        leaves=_date(spec.get("leaves")),
        site=spec["site"],
        network=spec["network"],
        uses=_decode_entries(document, ("spec", "uses"), spec.get("uses", {}), _use),
        offered={instance: tuple(modules) for instance, modules in spec.get("offered", {}).items()},
        waivers=_waivers(document, spec),
        origin=Origin(document),
    )


def module(document: Document) -> written.Module:
    """Return what a `module.yaml` says."""
    data: Any = document.data
    spec = data["spec"]
    tryton = spec.get("tryton", {})
    return written.Module(
        metadata=_metadata(data["metadata"]),
        service=spec["service"],
        personal_data=spec.get("personal-data"),
        needs=tuple(spec.get("needs", ())),
        provided=spec.get("provided"),
        tryton_modules=tuple(tryton.get("modules", ())),
        proof_model=tryton.get("proof-model"),
        origin=Origin(document),
    )


def active(document: Document) -> Mapping[str, written.Active]:
    """Return what an `active.yaml` says, by instance."""
    data: Any = document.data
    return _decode_entries(document, ("spec", "instances"), data["spec"]["instances"], _active)


def _active(name: str, data: Mapping[str, Any], origin: Origin) -> written.Active:
    return written.Active(name, data["site"], data["since"], data["timeline"], data["why"], origin)


def _decode_entries(
    document: Document, route: Route, data: Mapping[str, Any], decode: Callable[[str, Any, Origin], T]
) -> Mapping[str, T]:
    """Decode every entry of a mapping of names to objects, each when it is first looked at."""
    return _LazyMapping(document, route, data, decode) if data else {}


class _LazyMapping(Mapping[str, T]):
    """The entries of a mapping of names to objects; of ten thousand councils nearly all are only counted."""

    def __init__(
        self, document: Document, route: Route, data: Mapping[str, Any], decode: Callable[[str, Any, Origin], T]
    ) -> None:
        self._source = (document, route, data)
        self._decode = decode
        self._entries: dict[str, T] = {}
        self._complete = False

    def __getitem__(self, name: str) -> T:
        if name not in self._entries:
            document, route, data = self._source
            self._entries[name] = self._decode(name, data[name], Origin(document, (*route, name)))
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._source[2]

    def __iter__(self) -> Iterator[str]:
        return iter(self._source[2])

    def __len__(self) -> int:
        return len(self._source[2])

    def values(self) -> ValuesView[T]:
        """All entries, decoded: every rule walks over them, so this is a dictionary's own view."""
        return self._all_entries().values()

    def items(self) -> ItemsView[str, T]:
        """The same with their names."""
        return self._all_entries().items()

    def _all_entries(self) -> dict[str, T]:
        if not self._complete:
            self._entries = {name: self[name] for name in self}
            self._complete = True
        return self._entries


def _metadata(data: Mapping[str, str]) -> written.Metadata:
    return written.Metadata(name=data["name"], uid=data.get("uid"), title=data["title"])


def _site(name: str, data: Mapping[str, Any], origin: Origin) -> written.Site:
    return written.Site(
        name=name,
        owner=data["owner"],
        network=data["network"],
        local=data["local"],
        local_access=data.get("local-access"),
        run_by=data.get("run-by"),
        transit=data.get("transit", False),
        **_period(data),
        replaces=data.get("replaces"),
        failure_domain=data.get("failure-domain"),
        storage=data.get("storage"),
        memory=data.get("memory"),
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
        published_port=data.get("published-port"),
        offers=tuple(data["offers"]),
        mirror=_mirror(data["mirror"], _child_origin(origin, "mirror")) if "mirror" in data else None,
        backup=_backup(data["backup"], _child_origin(origin, "backup")) if "backup" in data else None,
        drills=_drills(data["drills"], _child_origin(origin, "drills")) if "drills" in data else None,
        capacity=data.get("capacity"),
        storage=data.get("storage"),
        tenants=_tenancy(data["tenants"], _child_origin(origin, "tenants")) if "tenants" in data else None,
        data_sharing=_data_sharing(data, origin),
        origin=origin,
    )


def _mirror(data: Mapping[str, Any], origin: Origin) -> written.Mirror:
    return written.Mirror(
        site=data["site"],
        network=data["network"],
        mode=data.get("mode"),
        recovery_point=data.get("recovery-point"),
        recovery_time=data.get("recovery-time"),
        **_period(data),
        origin=origin,
    )


def _backup(data: Mapping[str, Any], origin: Origin) -> written.Backup:
    return written.Backup(
        site=data["site"],
        network=data.get("network"),
        every=data["every"],
        full_every=data.get("full-every"),
        keep=written.Keep(data["keep"]["full"], data["keep"].get("days")),
        origin=origin,
    )


def _drills(data: Mapping[str, str], origin: Origin) -> written.Drills:
    return written.Drills(data.get("failover"), data.get("restore"), origin)


def _data_sharing(owner: Mapping[str, Any], origin: Origin) -> written.DataSharing | None:
    """Return the agreement that an instance or external service has, if it has one."""
    if "data-sharing" not in owner:
        return None
    data = owner["data-sharing"]
    return written.DataSharing(
        agreement=data["agreement"],
        review=date.fromisoformat(data["review"]),
        basis=data["basis"],
        condition=data.get("condition"),
        contact=data["contact"],
        origin=_child_origin(origin, "data-sharing"),
    )


def _tenancy(data: Mapping[str, Any], origin: Origin) -> written.Tenancy:
    modules = data.get("modules", {})
    return written.Tenancy(
        modules={name: _module_use(name, use, _child_origin(origin, "modules", name)) for name, use in modules.items()},
        memory=data.get("memory"),
        session=data.get("session"),
        password_length=data.get("password-length"),
        share=data.get("share"),
        recovery_point=data.get("recovery-point"),
        recovery_time=data.get("recovery-time"),
        origin=origin,
    )


def _external(name: str, data: Mapping[str, Any], origin: Origin) -> written.External:
    return written.External(
        name=name,
        title=data.get("title"),
        provider=data["provider"],
        offers=tuple(data["offers"]),
        address=data.get("address"),
        data_sharing=_data_sharing(data, origin),
        origin=origin,
    )


def _organisation(name: str, data: Mapping[str, Any], origin: Origin) -> written.Organisation:
    return written.Organisation(name, data["title"], tuple(data.get("owned-by", ())), origin)


def _cost(instance: str, data: Mapping[str, Any], origin: Origin) -> written.Cost:
    return written.Cost(instance, data["annual-cost"], origin)


def _policy(data: Mapping[str, Any], origin: Origin) -> written.Policy:
    return written.Policy(data.get("destroy-at-most"), tuple(data.get("data-loss", ())), origin)


def _waivers(document: Document, spec: Mapping[str, Any]) -> tuple[written.Waiver, ...]:
    return tuple(
        written.Waiver(
            rule=waiver["rule"],
            reason=waiver["reason"],
            until=date.fromisoformat(waiver["until"]),
            origin=Origin(document, ("spec", "waivers", number)),
        )
        for number, waiver in enumerate(spec.get("waivers", ()))
    )


def _use(instance: str, data: Mapping[str, Any], origin: Origin) -> written.Use:
    replacement = data.get("replaces")
    return written.Use(
        instance=instance,
        **_period(data),
        replaces=written.Replaced(replacement["system"], _date(replacement.get("data"))) if replacement else None,
        dedicated=data.get("dedicated", False),
        networks=data.get("networks", {}),
        storage=data.get("storage"),
        tenancy=_tenancy(data, origin),
        origin=origin,
    )


def _module_use(name: str, data: Mapping[str, Any], origin: Origin) -> written.ModuleUse:
    return written.ModuleUse(module=name, **_period(data), data_owner=data.get("data-owner"), origin=origin)


def _period(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of everything that has dates."""
    return {
        "start": _date(data.get("from")),
        "until": _date(data.get("until")),
        "planned": data.get("planned", False),
    }


def _child_origin(origin: Origin, *steps: str) -> Origin:
    return Origin(origin.document, origin.route + steps)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
