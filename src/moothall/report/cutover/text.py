"""A cut-over for people at a terminal: what was done, and where the two systems differ."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.cutover.view import CutoverView, DifferenceView, ImportView, UndoneView
from moothall.report.style import Style, safe

_SENTENCES = {
    "rehearsed": "rehearsed in a copy of the tenant, which is gone again: every total is right to the penny",
    "imported": "imported: every total is right to the penny",
    "standing": "imported before, on {importedAt}; read back again now",
    "differs": "not imported: totals differ, and nothing is left in the tenant",
    "looked": "undoing puts the tenant back as it was before the import of {importedAt}",
    "undone": "undone: the tenant is as it was before the import of {importedAt}",
}


def render(view: CutoverView, style: Style) -> str:
    """Return the text of a cut-over."""
    head = style.paint(safe(f"{view['council']} {view['instance']}"), "bold")
    lines = [f"{head}  {style.paint(safe(sentence(view)), 'red' if view['summary']['failed'] else 'green')}"]
    lines += _lost_records(view) if "lost" in view else [*_figures(view), *_differences(view["differences"], style)]
    return "\n".join(lines) + "\n"


def sentence(view: CutoverView) -> str:
    """Return what was done, in one sentence without a full stop."""
    text = _SENTENCES[view["state"]].format(importedAt=view["importedAt"][:19])
    if view["summary"]["failed"] and view["state"] == "standing":
        return f"{text}: totals differ"
    return text


def _figures(view: ImportView) -> Iterator[str]:
    old, new = view["totals"]["old"], view["totals"]["new"]
    yield f"  {safe(view['system'])}: debit {old['debit']}, credit {old['credit']}"
    yield f"  tenant: debit {new['debit']}, credit {new['credit']}, {view['journals']} journals, {view['lines']} lines"
    yield f"  {view['summary']['passed']} totals right, {view['summary']['failed']} different"
    yield "  " + ", ".join(f"{safe(phase)} {seconds:.1f} s" for phase, seconds in view["seconds"].items())


def _differences(differences: list[DifferenceView], style: Style) -> Iterator[str]:
    """Yield one line for each total that differs."""
    for difference in differences:
        old, new = difference["old"], difference["new"]
        name = safe(f"{difference['period']}  {difference['account']} {difference['description']}")
        yield f"  {style.paint(name, 'red')}"
        yield from (
            f"    {side} {new[side]} instead of {old[side]}: {difference['apart'][side]} apart"
            for side in ("debit", "credit")
            if new[side] != old[side]
        )


def _lost_records(view: UndoneView) -> Iterator[str]:
    """Yield what was made or changed since the import."""
    for model, count in view["lost"].items():
        yield f"  lost with it: {count} records of {safe(model)}, made or changed since"
