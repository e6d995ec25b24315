"""A cut-over as one readable page: what was asked, what came of it, the totals of both systems side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.report.cutover.text import sentence
from moothall.report.cutover.view import CutoverView, ImportView
from moothall.report.markdown import code, plain
from moothall.report.style import Style


def render(view: CutoverView, style: Style) -> str:
    """Return the page, never coloured."""
    head = [f"# Cut-over of {code(view['council'])} {code(view['instance'])}", "", plain(sentence(view)) + ".", ""]
    body = _lost_records(view["lost"]) if "lost" in view else (*_facts(view), *_differences(view), *_totals(view))
    return "\n".join([*head, *body]) + "\n"


def _facts(view: ImportView) -> Iterator[str]:
    yield from ("| | |", "|---|---|")
    yield f"| system replaced | {plain(view['system'])} |"
    yield f"| the use begins on | {view['begins']} |"
    yield f"| day of this run | {view['asOf']} |"
    yield f"| extract (SHA-256) | {plain(view['extract'])} |"
    yield f"| imported at | {plain(view['importedAt'][:19])} UTC |"
    yield f"| journals, lines | {view['journals']}, {view['lines']} |"
    for phase, seconds in view["seconds"].items():
        yield f"| {plain(phase)} | {seconds:.1f} s |"
    yield ""


def _differences(view: ImportView) -> Iterator[str]:
    if not view["differences"]:
        return
    yield from (
        "## Differences",
        "",
        "| period | account | | old system | tenant | apart |",
        "|---|---|---|--:|--:|--:|",
    )
    for difference in view["differences"]:
        for side in ("debit", "credit"):
            if difference["old"][side] != difference["new"][side]:
                name = f"{plain(difference['account'])} {plain(difference['description'])}"
                amounts = f"{difference['old'][side]} | {difference['new'][side]} | {difference['apart'][side]}"
                yield f"| {plain(difference['period'])} | {name} | {side} | {amounts} |"
    yield ""


def _totals(view: ImportView) -> Iterator[str]:
    old, new = view["totals"]["old"], view["totals"]["new"]
    yield from ("## Totals", "", "| | old system | tenant |", "|---|--:|--:|")
    yield from (f"| {side} | {old[side]} | {new[side]} |" for side in ("debit", "credit"))
    yield from ("", "## Each account in each period", "", "| | | what the tenant has |", "|---|---|---|")
    for result in view["results"]:
        yield f"| {result['status']} | {plain(result['subject'])} | {plain(result['detail'])} |"


def _lost_records(lost_counts: Mapping[str, int]) -> Iterator[str]:
    if lost_counts:
        yield from ("| made or changed since | records |", "|---|--:|")
        yield from (f"| {plain(model)} | {count} |" for model, count in lost_counts.items())
