"""A diff as a comment on a pull request: what matters first, details folded, never longer than a comment may be.

It starts with a hidden marker, by which the comment is found again and updated instead of repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from moothall.report.comment import LONGEST, fit_parts
from moothall.report.diff import words
from moothall.report.markdown import code, plain
from moothall.report.style import Style, safe

if TYPE_CHECKING:  # the builders of the view know engine and plans, which a form has no need to load
    from moothall.report.diff.view import DiffStepView, DiffView, StackDiffView, TermView

MARKER = "<!-- moothall diff -->"

_SIGNS = {"create": "+", "update": "~", "replace": "±", "delete": "-"}
_SHARE = 15_000
"""Characters for each of the lists that stand before the details."""


def render(view: DiffView, style: Style) -> str:
    """Return the comment of a diff view, never coloured."""
    head = [
        MARKER,
        *_opening(view),
        *_notes(view),
        *_refusals(view),
        *_table(view),
        *_planned_section(view),
        *_terms(view),
    ]
    text = "\n".join(head) + "\n"
    details = [_details(stack) for stack in view["stacks"]]
    return text + fit_parts(details, LONGEST - len(text), "stacks")


def _opening(view: DiffView) -> Iterator[str]:
    fate_counts = words.counts(view["stacks"])
    summary_parts = [f"**{number} {fate}**" for fate, number in fate_counts.items() if number]
    yield "### What this change does"
    yield ""
    yield " · ".join(summary_parts) if summary_parts else "Nothing that stands changes."
    if not fate_counts["data lost"]:
        yield "No data is lost."
    parties = words.agreement([*view["stacks"], *view["terms"]])
    if parties:
        yield ""
        yield f"It needs the agreement of {', '.join(code(party) for party in parties)}."
    yield ""
    yield f"{code(words.side(view['base']))} → {code(words.side(view['head']))}, as of {view['head']['asOf']}"


def _notes(view: DiffView) -> Iterator[str]:
    if view["notes"]:
        yield from ("", "> [!NOTE]", *(f"> {plain(note)}" for note in view["notes"]))


def _refusals(view: DiffView) -> Iterator[str]:
    if view["refusals"]:
        yield from ("", "> [!CAUTION]", "> The policy refuses this change:")
        yield from _fit_lines([f"> - {plain(reason)}" for reason in view["refusals"]], "reasons")


def _table(view: DiffView) -> Iterator[str]:
    councils = words.by_council(view["stacks"])
    if councils:
        yield from ("", f"| for | {' | '.join(words.COUNTED)} | agreement |", "|---" * (len(words.COUNTED) + 2) + "|")
        yield from _fit_lines([_row(name, stacks) for name, stacks in councils.items()], "councils")


def _row(name: str, stacks: list[StackDiffView]) -> str:
    numbers = [str(number or "") for number in words.counts(stacks).values()]
    return f"| {plain(name)} | {' | '.join(numbers)} | {plain(', '.join(words.agreement(stacks)))} |"


def _planned_section(view: DiffView) -> Iterator[str]:
    if view["planned"]:
        yield from ("", "**Planned**", "")
        yield from _fit_lines([f"- {plain(words.turn(turn))}" for turn in view["planned"]], "more")


def _terms(view: DiffView) -> Iterator[str]:
    if view["terms"]:
        yield from ("", "**Terms**", "")
        yield from _fit_lines([_term(term) for term in view["terms"]], "more")


def _term(term: TermView) -> str:
    place, change = words.line(term)
    agreement = f", with the agreement of {', '.join(map(code, term['agreement']))}" if term["agreement"] else ""
    return f"- {code(place)} {code(change)}{agreement}"


def _details(stack: StackDiffView) -> str:
    fates = ", ".join(f"{number} {fate}" for fate, number in words.counts([stack]).items() if number)
    lines = ["", "<details>", f"<summary>{plain(stack['stack'])}: {fates or 'data left on the engine'}</summary>", ""]
    for line in stack["lines"]:
        place, change = words.line(line)
        lines.append(f"- {code(place)} {code(change)}")
    lines += ["", "```diff", *(_step(step, stack["stack"]) for step in words.on_engine(stack)), "```", "", "</details>"]
    return "\n".join(lines)


def _step(step: DiffStepView, stack: str) -> str:
    kind = step["type"].rsplit(":", 1)[-1].lower()
    effect = "" if step["effect"] in ("none", "in-place") else f" ({step['effect']})"
    properties = f" [{', '.join(step['diff'])}]" if step["diff"] else ""
    return safe(f"{_SIGNS[step['op']]} {kind} {step['name'].removeprefix(stack + '.')}{properties}{effect}").replace(
        "`", "'"
    )


def _fit_lines(lines: Iterable[str], noun: str) -> Iterator[str]:
    yield fit_parts(list(lines), _SHARE, noun)
