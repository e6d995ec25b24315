"""The view of `graph`: what stands at which site, what is connected, and who reaches what; planned things marked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypedDict

from moothall.model.agreed import PlannedUse
from moothall.model.outcome import Report
from moothall.model.resolved import Partnership
from moothall.model.written import Folder

KIND = "graph"
OUTSIDE = "outside"
"""The place of what is provided by somebody else, at no site of the partnership."""

Kind = Literal["instance", "mirror", "backup", "external", "council"]


class SiteView(TypedDict):
    """A site and the name of its owner."""

    name: str
    owner: str
    planned: bool


class LinkView(TypedDict):
    """A link between two sites."""

    between: tuple[str, str]
    planned: bool


class NodeView(TypedDict):
    """What stands at a site, or is provided `OUTSIDE`; the id is its kind and name."""

    id: str
    kind: Kind
    name: str
    site: str
    title: str
    planned: bool


EdgeView = TypedDict("EdgeView", {"from": str, "to": str, "label": str, "planned": bool})
"""Who reaches what, or what is copied where, by the ids of the nodes."""


class GraphView(TypedDict):
    """A partnership on a day (ISO 8601)."""

    schemaVersion: int
    partnership: str
    title: str
    asOf: str
    sites: list[SiteView]
    links: list[LinkView]
    nodes: list[NodeView]
    edges: list[EdgeView]


def answer(partnership: Partnership, folder: Folder) -> Report:
    """Return nodes and edges of a partnership as it stands on its day; `folder` is what it was resolved from."""
    drawing = _Drawing(partnership, folder)
    view: GraphView = {
        "schemaVersion": 1,
        "partnership": partnership.name,
        "title": partnership.title,
        "asOf": partnership.as_of.isoformat(),
        "sites": list(drawing.sites()),
        "links": list(drawing.links()),
        "nodes": [*drawing.instances(), *drawing.external(), *drawing.councils()],
        "edges": [*drawing.copies(), *drawing.uses()],
    }
    return Report(KIND, view)


class _Drawing:
    def __init__(self, partnership: Partnership, folder: Folder) -> None:
        self.partnership = partnership
        self.folder = folder
        self.planned_uses = {(p.council, p.instance, p.module, p.site): p for p in partnership.planned}
        self.planned_site_names = {p.site for p in partnership.planned if p.site and not p.instance}
        self.known_sites = {*partnership.sites, *self.planned_site_names}

    def sites(self) -> Iterator[SiteView]:
        """Yield the sites, those with links between them as near to each other as a row allows."""
        declared_sites = self.folder.partnership.sites
        for name in _row_order(
            sorted(self.known_sites), [tuple(link.between) for link in self.folder.partnership.links]
        ):
            yield {"name": name, "owner": declared_sites[name].owner, "planned": name in self.planned_site_names}

    def links(self) -> Iterator[LinkView]:
        """Yield the links between sites that are shown."""
        for one, other in sorted(tuple(sorted(link.between)) for link in self.folder.partnership.links):
            if one in self.known_sites and other in self.known_sites:
                yield {"between": (one, other), "planned": bool({one, other} & self.planned_site_names)}

    def instances(self) -> Iterator[NodeView]:
        """Yield instances, their mirrors and their backup targets."""
        for name, instance in self.partnership.instances.items():
            yield _node("instance", name, instance.primary, f"{instance.title} ({instance.host})")
            if instance.mirror:
                yield _node("mirror", name, instance.mirror, f"mirror of {name}")
            if instance.backup:
                yield _node("backup", name, instance.backup.site, f"backups of {name}")
        for planned in self._planned_mirrors():
            yield _node(
                "mirror", planned.instance or "", planned.site or "", _planned_label(planned, "mirror"), planned=True
            )

    def external(self) -> Iterator[NodeView]:
        """Yield the services that are provided outside."""
        services = {use.service: use for use in self.partnership.external}
        for name, use in sorted(services.items()):
            yield _node("external", name, OUTSIDE, f"{use.title} ({use.provider})")

    def councils(self) -> Iterator[NodeView]:
        """Yield the councils, those that have not joined yet included."""
        for council in sorted(self.folder.councils, key=lambda council: council.metadata.name):
            name, title = council.metadata.name, council.metadata.title
            planned = name not in self.partnership.councils
            if council.site in self.known_sites and (not planned or any(key[0] == name for key in self.planned_uses)):
                yield _node("council", name, council.site, title, planned=planned)

    def copies(self) -> Iterator[EdgeView]:
        """Yield what is copied where."""
        for name, instance in self.partnership.instances.items():
            if instance.mirror:
                yield _edge(f"instance.{name}", f"mirror.{name}", "mirrored")
            if instance.backup:
                yield _edge(f"instance.{name}", f"backup.{name}", "backed up")
        for planned in self._planned_mirrors():
            yield _edge(f"instance.{planned.instance}", f"mirror.{planned.instance}", "mirrored", planned=True)

    def uses(self) -> Iterator[EdgeView]:
        """Yield who reaches what."""
        for tenant in self.partnership.tenants:
            modules = ", ".join(module.name for module in tenant.modules)
            yield _edge(f"council.{tenant.council}", f"instance.{tenant.instance}", modules)
        for use in self.partnership.external:
            yield _edge(f"council.{use.council}", f"external.{use.service}", ", ".join(use.modules))
        for planned in self.partnership.planned:
            if planned.council and not planned.module and planned.instance in self.partnership.instances:
                ends = f"council.{planned.council}", f"instance.{planned.instance}"
                yield _edge(*ends, _planned_label(planned, "planned"), planned=True)

    def _planned_mirrors(self) -> list[PlannedUse]:
        planned_mirrors = [p for p in self.partnership.planned if p.instance and p.site and not p.council]
        return [p for p in planned_mirrors if p.site in self.known_sites and p.instance in self.partnership.instances]


def _node(kind: Kind, name: str, site: str, title: str, *, planned: bool = False) -> NodeView:
    return {"id": f"{kind}.{name}", "kind": kind, "name": name, "site": site, "title": title, "planned": planned}


def _edge(one: str, other: str, label: str, *, planned: bool = False) -> EdgeView:
    return {"from": one, "to": other, "label": label, "planned": planned}


def _planned_label(planned: PlannedUse, word: str) -> str:
    return f"{word}, from {planned.start}" if planned.start else f"{word}, no date"


def _row_order(sites: list[str], links: list[tuple[str, ...]]) -> list[str]:
    """Return the sites in the order of a walk along the links that begins at an end of the way, if there is one."""
    neighbours = {site: sorted({end for link in links if site in link for end in link} - {site}) for site in sites}
    row: list[str] = []
    for start in sorted(sites, key=lambda site: (len(neighbours[site]), site)):
        pending_sites = [start]
        while pending_sites:
            site = pending_sites.pop()
            if site not in row:
                row.append(site)
                pending_sites += [end for end in reversed(neighbours[site]) if end in neighbours]
    return row
