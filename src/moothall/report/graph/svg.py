"""A partnership as a drawing: a column for each site, links above the columns, and lines for who reaches what.

Nothing but the view decides where things stand, so the same definitions give the same picture, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from moothall.report.graph.view import OUTSIDE, EdgeView, GraphView
from moothall.report.style import Style, safe

_WIDTH, _GAP = 250, 110
_ROW, _BOX = 52, 38
_MARGIN, _ARCS, _HEAD = 64, 110, 56
_LONGEST = 32  # characters of a title that fit into a box
_FILLS = {"instance": "#cfe3f7", "mirror": "#e4eefb", "backup": "#efe6d2", "external": "#e8e8e8", "council": "#ffffff"}
_LINES = ("#1f5a99", "#9a3b12", "#3c6e2f", "#6b3fa0", "#8a6d00", "#a0305f")


def render(view: GraphView, style: Style) -> str:
    """Return the drawing of a graph view as SVG, with a title and a description for those who do not see it."""
    drawing = _Drawing(view)
    title = escape(safe(f"{view['title']} on {view['asOf']}"))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" '
        f'width="{drawing.width}" height="{drawing.height}" role="img" aria-labelledby="title description" '
        'font-family="sans-serif" font-size="13">',
        f'<title id="title">{title}</title>',
        f'<desc id="description">{escape(safe(_description(view)))}</desc>',
        f'<rect width="{drawing.width}" height="{drawing.height}" fill="#ffffff"/>',
        f'<text x="{_MARGIN}" y="40" font-size="18" font-weight="bold">{title}</text>',
        *drawing.columns(),
        *drawing.links(),
        *drawing.edges(),
        *drawing.boxes(),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


class _Drawing:
    """Where everything stands: columns from left to right, boxes from top to bottom."""

    def __init__(self, view: GraphView) -> None:
        self.view = view
        names = [site["name"] for site in view["sites"]]
        columns = [*names, *([OUTSIDE] if any(node["site"] == OUTSIDE for node in view["nodes"]) else [])]
        self.column_x = {name: _MARGIN + index * (_WIDTH + _GAP) for index, name in enumerate(columns)}
        self.box_y: dict[str, int] = {}
        row_counts = dict.fromkeys(columns, 0)
        for node in view["nodes"]:
            # Every other column is half a row lower, so that a line past it does not run through its boxes.
            row_offset = columns.index(node["site"]) % 2 * _ROW // 2
            self.box_y[node["id"]] = _ARCS + _HEAD + row_offset + row_counts[node["site"]] * _ROW
            row_counts[node["site"]] += 1
        self.box_x = {node["id"]: self.column_x[node["site"]] for node in view["nodes"]}
        self.bottom = _ARCS + _HEAD + max([*row_counts.values(), 1]) * _ROW + _ROW // 2
        self.width = 2 * _MARGIN + len(columns) * _WIDTH + max(len(columns) - 1, 0) * _GAP
        self.height = self.bottom + _MARGIN
        instances = sorted({node["name"] for node in view["nodes"] if node["kind"] in ("instance", "external")})
        self.colour = {name: _LINES[index % len(_LINES)] for index, name in enumerate(instances)}

    def columns(self) -> Iterator[str]:
        """Yield the frame and the heading of every site."""
        for site in self.view["sites"]:
            heading = f"{site['name']} ({site['owner']}{', planned' if site['planned'] else ''})"
            yield self._column(site["name"], heading, site["planned"])
        if OUTSIDE in self.column_x:
            yield self._column(OUTSIDE, "provided outside", False)

    def _column(self, name: str, heading: str, planned: bool) -> str:
        x = self.column_x[name]
        return (
            f'<rect x="{x - 10}" y="{_ARCS}" width="{_WIDTH + 20}" height="{self.bottom - _ARCS}" rx="10" '
            f'fill="#f6f7f9" stroke="#8a94a0"{_dash_style(planned)}/>'
            f'<text x="{x}" y="{_ARCS + 28}" font-weight="bold">{_shorten(heading)}</text>'
        )

    def links(self) -> Iterator[str]:
        """Yield the links: arcs from top to top, higher the more columns they pass."""
        for link in self.view["links"]:
            one, other = sorted(self.column_x[end] + _WIDTH // 2 for end in link["between"])
            rise = min(30 + 25 * ((other - one) // (_WIDTH + _GAP) - 1), _ARCS - 50)
            yield (
                f'<path d="M {one} {_ARCS} C {one} {_ARCS - rise}, {other} {_ARCS - rise}, {other} {_ARCS}" '
                f'fill="none" stroke="#333333" stroke-width="4"{_dash_style(link["planned"])}>'
                f"<title>{_escape('link between ' + ' and '.join(link['between']))}</title></path>"
            )

    def edges(self) -> Iterator[str]:
        """Yield who reaches what, and what is copied where, in the colour of the instance."""
        for edge in self.view["edges"]:
            colour = self.colour.get(edge["to"].split(".", 1)[1], "#555555")
            yield (
                f'<path d="{self._path(edge["from"], edge["to"])}" fill="none" stroke="{colour}" stroke-width="1.5" '
                f'stroke-opacity="0.7"{_dash_style(edge["planned"])}>'
                f"<title>{_escape(_edge_sentence(edge))}</title></path>"
            )

    def _path(self, one: str, other: str) -> str:
        (x, y), (to_x, to_y) = ((self.box_x[end], self.box_y[end] + _BOX // 2) for end in (one, other))
        if x == to_x:  # in one column: out on the left and back in
            return f"M {x} {y} C {x - 40} {y}, {x - 40} {to_y}, {x} {to_y}"
        start, end = (x + _WIDTH, to_x) if x < to_x else (x, to_x + _WIDTH)
        bend = 60 if x < to_x else -60
        return f"M {start} {y} C {start + bend} {y}, {end - bend} {to_y}, {end} {to_y}"

    def boxes(self) -> Iterator[str]:
        """Yield the boxes."""
        for node in self.view["nodes"]:
            x, y = self.box_x[node["id"]], self.box_y[node["id"]]
            stroke = self.colour.get(node["name"], "#555555") if node["kind"] != "council" else "#555555"
            planned = " (planned)" if node["planned"] else ""
            yield (
                f"<g><title>{_escape(node['kind'] + ' ' + node['name'] + ': ' + node['title'] + planned)}</title>"
                f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_BOX}" rx="{4 if node["kind"] != "council" else 19}" '
                f'fill="{_FILLS[node["kind"]]}" stroke="{stroke}" stroke-width="1.5"{_dash_style(node["planned"])}/>'
                f'<text x="{x + 12}" y="{y + 24}">{_shorten(node["title"])}</text></g>'
            )


def _description(view: GraphView) -> str:
    """Return in sentences what the lines say."""
    links = [f"{' and '.join(link['between'])} are linked" for link in view["links"]]
    return ". ".join([*links, *map(_edge_sentence, view["edges"])]) + "."


def _edge_sentence(edge: EdgeView) -> str:
    one, other = edge["from"].split(".", 1), edge["to"].split(".", 1)
    if one[0] != "council":
        return f"{one[1]} is {edge['label']}{' (planned)' if edge['planned'] else ''}"
    return f"{one[1]} reaches {other[1]}: {edge['label']}"


def _dash_style(planned: bool) -> str:
    return ' stroke-dasharray="6 5"' if planned else ""


def _escape(text: str) -> str:
    return escape(safe(text))


def _shorten(text: str) -> str:
    return escape(safe(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"))
