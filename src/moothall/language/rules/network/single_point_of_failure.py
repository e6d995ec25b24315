"""single-point-of-failure: one link, or one site that others reach through, without which a mirror is cut off.

Nothing is said of the sites at the two ends: a site that is lost takes with it what stands there, and it is for that
case that there is a mirror. Sites that do not stand on the day, and links to them, are no ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import warning
from moothall.language.checks.scope import Scope
from moothall.language.facts.dominators import dominators
from moothall.language.facts.recovery import mirror_of
from moothall.model.written import Council, Definitions, Instance, Mirror, Partnership, Site
from moothall.source import Span

RULE = "single-point-of-failure"
SCOPE = Scope.COUNCIL

_Node = str | int
"""A site by its name, or a link by its number; the empty name is where all ways begin."""

_DETAIL = "Add a way that does not need it, or waive this with the reason why it is accepted."


class _Home(NamedTuple):
    """An instance, its mirror if that can be failed over to, and the sites where the two stand."""

    instance: Instance
    mirror: Mirror | None
    sites: frozenset[str]


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield one warning for every instance whose primary can be cut from its mirror, or else its backup target, and
    one for every council that can be cut from an instance and its mirror at once."""
    day = definitions.as_of
    for folder in definitions.folders:
        partnership = folder.partnership
        if any(end not in partnership.sites for link in partnership.links for end in link.between):
            continue  # unknown-site has said so, and the right name may be all that is missing
        network = _Network(partnership, {name: site for name, site in partnership.sites.items() if _stands(site, day)})
        homes = {
            name: home for name, instance in partnership.instances.items() if (home := _home(network, instance, day))
        }
        for home in homes.values():
            yield from _of_instance(network, home)
        for council in folder.councils:
            if council.leaves is None or day < council.leaves:
                yield from _of_council(network, homes, council, day)


class _Network:
    """The sites and links of a partnership that stand, and for each set of sites what others reach them through."""

    def __init__(self, partnership: Partnership, sites: Mapping[str, Site]) -> None:
        self.partnership = partnership
        self.sites = sites
        self._dominators_by_ends: dict[frozenset[str], dict[_Node, _Node]] = {}

    def cut_point(self, site: str, ends: frozenset[str]) -> _Node | None:
        """Return what every way between a site and all of `ends` needs: a site before a link; None if nothing."""
        if site in ends or site not in self.sites:
            return None
        if ends not in self._dominators_by_ends:
            self._dominators_by_ends[ends] = self._dominators(ends)
        dominator_of = self._dominators_by_ends[ends]
        cut_nodes: list[_Node] = []
        node = dominator_of.get(site, "")
        while node != "":
            if {node} != ends:
                cut_nodes.append(node)
            node = dominator_of[node]
        return next((node for node in cut_nodes if isinstance(node, str)), cut_nodes[0] if cut_nodes else None)

    def place(self, node: _Node) -> tuple[str, Span]:
        """Return what to call a site or a link, and where it is written."""
        if isinstance(node, str):
            return f"the site {node}", self.sites[node].origin.key()
        link = self.partnership.links[node]
        return f"the link between {' and '.join(link.between)}", link.origin.value("between")

    def _dominators(self, ends: frozenset[str]) -> dict[_Node, _Node]:
        graph: dict[_Node, list[_Node]] = {name: [] for name in self.sites}
        for number, link in enumerate(self.partnership.links):
            if all(end in self.sites for end in link.between):
                graph[number] = list(link.between)
                for end in link.between:
                    # Traffic passes through transit sites only, but it may begin anywhere.
                    if self.sites[end].transit or end in ends:
                        graph[end].append(number)
        graph[""] = sorted(ends & self.sites.keys())
        return dominators(graph, "")


def _stands(site: Site, day: date) -> bool:
    if site.planned or (site.start and day < site.start):
        return False
    return site.until is None or day < site.until


def _home(network: _Network, instance: Instance, day: date) -> _Home | None:
    """Return the sites of an instance, None if the site of its mirror is unknown."""
    mirror = mirror_of(instance, day)
    if mirror and mirror.site not in network.partnership.sites:
        return None
    mirror = mirror if mirror and mirror.site in network.sites else None
    sites = {instance.site, *([mirror.site] if mirror else [])}
    return _Home(instance, mirror, frozenset(sites.intersection(network.sites)))


def _of_instance(network: _Network, home: _Home) -> Iterator[Diagnostic]:
    instance = home.instance
    what, part = ("mirror", home.mirror) if home.mirror else ("backup target", instance.backup)
    if part is None:
        return
    node = network.cut_point(part.site, frozenset((instance.site,)))
    if node is not None:
        node_name, span = network.place(node)
        summary = f'without {node_name}, "{instance.name}" is cut from its {what}'
        yield warning(RULE, summary, _DETAIL, part.origin.value("site"), Label(span, "it stands here"))


def _of_council(network: _Network, homes: Mapping[str, _Home], council: Council, day: date) -> Iterator[Diagnostic]:
    for use in council.uses.values():
        home = homes.get(use.instance)
        if home is None or use.planned or (use.until and use.until <= day):
            continue
        node = network.cut_point(council.site, home.sites)
        if node is not None:
            node_name, span = network.place(node)
            whole = f'"{use.instance}" and its mirror' if home.mirror else f'"{use.instance}"'
            summary = f"without {node_name}, {council.metadata.name} is cut from {whole}"
            yield warning(RULE, summary, _DETAIL, use.origin.key(), Label(span, "it stands here"))
            return
