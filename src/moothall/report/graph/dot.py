"""A partnership in Graphviz's language (https://graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.graph.view import OUTSIDE, EdgeView, GraphView, LinkView, NodeView, SiteView
from moothall.report.style import Style, safe

_SHAPES = {"instance": "box3d", "mirror": "box3d", "backup": "cylinder", "external": "hexagon", "council": "box"}


def render(view: GraphView, style: Style) -> str:
    """Return the graph in DOT, never coloured."""
    lines = ["digraph partnership {", f"  label={_text(view['title'] + ' on ' + view['asOf'])};"]
    lines += ["  rankdir=LR;", "  compound=true;", '  node [fontname="sans-serif"];', '  edge [fontname="sans-serif"];']
    for site in view["sites"]:
        lines += _site(view, site)
    lines += [f"  {_node(node)}" for node in view["nodes"] if node["site"] == OUTSIDE]
    lines += [_link(link) for link in view["links"]]
    lines += [_edge(edge) for edge in view["edges"]]
    return "\n".join([*lines, "}"]) + "\n"


def _site(view: GraphView, site: SiteView) -> Iterator[str]:
    name = site["name"]
    yield f"  subgraph {_text('cluster ' + name)} {{"
    yield f"    label={_text(name + ' (' + site['owner'] + ')')};"
    yield f"    style={'dashed' if site['planned'] else 'solid'};"
    yield f"    {_text('site.' + name)} [shape=point];"  # where links end: DOT has no edges between clusters
    yield from (f"    {_node(node)}" for node in view["nodes"] if node["site"] == name)
    yield "  }"


def _node(node: NodeView) -> str:
    return f"{_text(node['id'])} [label={_text(node['title'])}, shape={_SHAPES[node['kind']]}{_dash_style(node)}];"


def _link(link: LinkView) -> str:
    one, other = (_text(f"site.{end}") for end in link["between"])
    return f"  {one} -> {other} [dir=none, penwidth=3{_dash_style(link)}];"


def _edge(edge: EdgeView) -> str:
    return f"  {_text(edge['from'])} -> {_text(edge['to'])} [label={_text(edge['label'])}{_dash_style(edge)}];"


def _dash_style(element: LinkView | NodeView | EdgeView) -> str:
    return ", style=dashed" if element["planned"] else ""


def _text(text: str) -> str:
    escaped_text = safe(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped_text}"'
