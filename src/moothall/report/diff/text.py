"""A diff for people at a terminal: council by council what changes, because of which lines, and who has to agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from moothall.report.changes.text import step_line, summary_line
from moothall.report.diff import words
from moothall.report.style import Style, safe

if TYPE_CHECKING:  # the builders of the view know engine and plans, which a form has no need to load
    from moothall.report.diff.view import DiffView, StackDiffView, TermView, TurnView


def render(view: DiffView, style: Style) -> str:
    """Return the text of a diff view."""
    base, head = safe(words.side(view["base"])), safe(words.side(view["head"]))
    blocks = [[f"{base} → {head}, as of {view['head']['asOf']}"]]
    for name, stacks in words.by_council(view["stacks"]).items():
        blocks.append([style.paint(name, "bold"), *_agreement(stacks), *_lines(stacks, style)])
        blocks += [list(_stack(stack, style)) for stack in stacks]
    if view["planned"]:
        blocks.append(
            ["Planned", *(f"  {safe(words.turn(turn))}{_declaration(turn, style)}" for turn in view["planned"])]
        )
    if view["terms"]:
        blocks.append(["Terms", *(line for term in view["terms"] for line in _term(term, style))])
    if view["refusals"]:
        blocks.append([style.paint("Refused", "red"), *(f"  {safe(reason)}" for reason in view["refusals"])])
    blocks.append([_summary(view, style)])
    blocks += [[style.paint("Note: ", "yellow") + safe(note)] for note in view["notes"]]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _agreement(stacks: Sequence[StackDiffView]) -> Iterator[str]:
    parties = words.agreement(stacks)
    if parties:
        yield f"needs the agreement of {', '.join(parties)}"


def _lines(stacks: Sequence[StackDiffView], style: Style) -> Iterator[str]:
    """Yield each line that caused something here, once."""
    for place, change in dict.fromkeys(words.line(line) for stack in stacks for line in stack["lines"]):
        yield f"because of {style.paint(safe(place), 'faint')} {safe(change)}"


def _stack(stack: StackDiffView, style: Style) -> Iterator[str]:
    suffix = "  goes" if stack["change"] == "removed" else ""
    yield style.paint(f"  {stack['stack']}{suffix}", "bold")
    for step in words.on_engine(stack):
        yield f"  {step_line(step, stack['stack'], style)}"
    for volume in stack["kept"]:
        yield f"    = volume {volume.removeprefix(stack['stack'] + '.')} is left on the engine with its data"


def _term(term: TermView, style: Style) -> Iterator[str]:
    place, change = words.line(term)
    agreement = f"; needs the agreement of {', '.join(term['agreement'])}" if term["agreement"] else ""
    yield f"  {safe(change)}{agreement} {style.paint(f'({safe(place)})', 'faint')}"


def _declaration(turn: TurnView, style: Style) -> str:
    declared_at = turn["declaredAt"]
    return style.paint(f" ({safe(declared_at['path'])}:{declared_at['line']})", "faint") if declared_at else ""


def _summary(view: DiffView, style: Style) -> str:
    if not view["stacks"]:
        return style.paint("Nothing that stands changes.", "green")
    return summary_line(view["summary"], style, is_preview=True)
