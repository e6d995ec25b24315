"""A partnership for people at a terminal: site by site what stands there, and who reaches what."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.graph.view import GraphView, NodeView, SiteView
from moothall.report.style import Style, safe


def render(view: GraphView, style: Style) -> str:
    """Return the text of a graph view."""
    lines = [style.paint(f"{safe(view['title'])} on {view['asOf']}", "bold")]
    for site in view["sites"]:
        lines += ["", *_site(view, site, style)]
    external_nodes = [node for node in view["nodes"] if node["kind"] == "external"]
    if external_nodes:
        lines += ["", "provided outside", *(f"  {safe(node['title'])}" for node in external_nodes)]
    return "\n".join(lines) + "\n"


def _site(view: GraphView, site: SiteView, style: Style) -> Iterator[str]:
    ends = [_other_site(link["between"], site["name"]) for link in view["links"] if site["name"] in link["between"]]
    link_text = f", linked with {', '.join(ends)}" if ends else ""
    yield style.paint(f"{site['name']}{_planned_mark(site)}", "bold") + f" ({site['owner']}{link_text})"
    for node in view["nodes"]:
        if node["site"] == site["name"]:
            yield f"  {node['kind']} {node['name']}: {safe(node['title'])}{_planned_mark(node)}"
            for edge in view["edges"]:
                if edge["from"] == node["id"] and node["kind"] == "council":
                    yield f"    reaches {edge['to'].split('.', 1)[1]}: {edge['label']}"


def _other_site(between: tuple[str, str], site: str) -> str:
    return between[1] if between[0] == site else between[0]


def _planned_mark(element: SiteView | NodeView) -> str:
    return " (planned)" if element["planned"] else ""
