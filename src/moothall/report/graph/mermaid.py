"""A partnership as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), as GitHub and GitLab draw it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moothall.report.graph.view import OUTSIDE, EdgeView, GraphView, LinkView, NodeView, SiteView
from moothall.report.style import Style, safe

_SHAPES = {
    "instance": ('[["', '"]]'),
    "mirror": ('[["', '"]]'),
    "backup": ('[("', '")]'),
    "external": ('{{"', '"}}'),
    "council": ('(["', '"])'),
}


def render(view: GraphView, style: Style) -> str:
    """Return the flowchart of a graph view, never coloured by the terminal."""
    lines = ["flowchart LR", f"  accTitle: {_line(view['title'])}", f"  accDescr: as of {view['asOf']}"]
    for site in view["sites"]:
        lines += _site(view, site)
    lines += [f"  {_shape(node)}" for node in view["nodes"] if node["site"] == OUTSIDE]
    lines += [f"  {_id('site', *link['between'][:1])} {_wire(link, '---')} {_end(link)}" for link in view["links"]]
    lines += [_edge(edge) for edge in view["edges"]]
    lines += ["  classDef planned stroke-dasharray: 5 5"]
    planned = [_id(*node["id"].split(".", 1)) for node in view["nodes"] if node["planned"]]
    planned += [_id("site", site["name"]) for site in view["sites"] if site["planned"]]
    lines += [f"  class {','.join(planned)} planned"] if planned else []
    return "\n".join(lines) + "\n"


def _site(view: GraphView, site: SiteView) -> Iterator[str]:
    yield f'  subgraph {_id("site", site["name"])}["{_text(site["name"])} ({_text(site["owner"])})"]'
    site_nodes = [node for node in view["nodes"] if node["site"] == site["name"]]
    yield from (f"    {_shape(node)}" for node in site_nodes)
    if not site_nodes:
        yield f'    {_id("nothing", site["name"])}[" "]'  # Mermaid draws no empty subgraph
    yield "  end"


def _shape(node: NodeView) -> str:
    before, after = _SHAPES[node["kind"]]
    return f"{_id(node['kind'], node['name'])}{before}{_text(node['title'])}{after}"


def _end(link: LinkView) -> str:
    return _id("site", link["between"][1])


def _edge(edge: EdgeView) -> str:
    one, other = (_id(*end.split(".", 1)) for end in (edge["from"], edge["to"]))
    label = f'|"{_text(edge["label"])}"|' if edge["label"] else ""
    return f"  {one} {_wire(edge, '-->')}{label} {other}"


def _wire(element: LinkView | EdgeView, solid: str) -> str:
    return {"---": "-.-", "-->": "-.->"}[solid] if element["planned"] else solid


def _id(kind: str, name: str) -> str:
    """Return a node's id; with its kind before it no name is a word of Mermaid's own (`end`)."""
    return f"{kind}_{re.sub(r'[^a-zA-Z0-9]', '_', name)}"


def _text(text: str) -> str:
    """Return text for a quoted label, in which Mermaid reads `#` as the beginning of an entity.

    Directives (`%%{init: ...}%%`) it looks for everywhere, before it knows what is a label.
    """
    text = safe(text).replace("#", "#35;").replace("%", "#37;")
    return text.replace('"', "#quot;").replace("<", "#lt;").replace("`", "#96;")


def _line(text: str) -> str:
    return _text(text).replace(";", "")
