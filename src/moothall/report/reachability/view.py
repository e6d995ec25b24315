"""The view of `verify --expected`: who may reach what, compiled from the plan alone."""

from __future__ import annotations

from collections import Counter
from typing import TypedDict

from moothall.model.outcome import Report
from moothall.model.planned import Plan
from moothall.report.text.view import KIND, TextView
from moothall.verify.reachability_matrix import KINDS, Edge, matrix


class EdgeView(TypedDict):
    """What a council may or may not reach of an owner, by which means (`kind`), and why."""

    council: str
    owner: str
    kind: str
    what: str
    allowed: bool
    why: str


class ReachabilityView(TextView):
    """The edges, and a text of one line for each ordered pair of councils."""

    edges: list[EdgeView]


def answer(plan: Plan) -> Report:
    """Return all edges of a plan."""
    edges = matrix(plan)
    pairs: dict[tuple[str, str], Counter[str]] = {}
    for edge in edges:
        pairs.setdefault((edge.council, edge.owner), Counter())[
            f"{edge.kind} {'may' if edge.is_allowed else 'not'}"
        ] += 1
    lines = [f"{council} -> {owner}: {_count_text(counts)}\n" for (council, owner), counts in pairs.items()]
    view: ReachabilityView = {"schemaVersion": 1, "edges": [_edge(edge) for edge in edges], "text": "".join(lines)}
    return Report(KIND, view)


def _edge(edge: Edge) -> EdgeView:
    return {
        "council": edge.council,
        "owner": edge.owner,
        "kind": edge.kind,
        "what": edge.what,
        "allowed": edge.is_allowed,
        "why": edge.why,
    }


def _count_text(counts: Counter[str]) -> str:
    may = [f"{counts[f'{kind} may']} {kind}" for kind in KINDS if counts[f"{kind} may"]]
    may_not = [f"{counts[f'{kind} not']} {kind}" for kind in KINDS if counts[f"{kind} not"]]
    return f"reaches {', '.join(may) or 'nothing'}; not {', '.join(may_not) or 'anything'}"
