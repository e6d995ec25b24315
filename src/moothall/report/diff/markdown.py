"""A diff as a comment on a pull request: what matters first, details folded, never longer than a comment may be.

It starts with a hidden marker, by which the comment is found again and updated instead of repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from moothall.report.comment import LONGEST, fitting
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
    head = [MARKER, *_opening(view), *_notes(view), *_refusals(view), *_table(view), *_planned(view), *_terms(view)]
    text = "\n".join(head) + "\n"
    details = [_details(stack) for stack in view["stacks"]]
    return text + fitting(details, LONGEST - len(text), "stacks")


def _opening(view: DiffView) -> Iterator[str]:
    found = words.counts(view["stacks"])
    told = [f"**{number} {fate}**" for fate, number in found.items() if number]
    yield "### What this change does"
    yield ""
    yield " · ".join(told) if told else "Nothing that stands changes."
    if not found["data lost"]:
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
        yield from _bounded([f"> - {plain(reason)}" for reason in view["refusals"]], "reasons")


def _table(view: DiffView) -> Iterator[str]:
    councils = words.by_council(view["stacks"])
    if councils:
        yield from ("", f"| for | {' | '.join(words.COUNTED)} | agreement |", "|---" * (len(words.COUNTED) + 2) + "|")
        yield from _bounded([_row(name, stacks) for name, stacks in councils.items()], "councils")


def _row(name: str, stacks: list[StackDiffView]) -> str:
    numbers = [str(number or "") for number in words.counts(stacks).values()]
    return f"| {plain(name)} | {' | '.join(numbers)} | {plain(', '.join(words.agreement(stacks)))} |"


def _planned(view: DiffView) -> Iterator[str]:
    if view["planned"]:
        yield from ("", "**Planned**", "")
        yield from _bounded([f"- {plain(words.turn(turn))}" for turn in view["planned"]], "more")


def _terms(view: DiffView) -> Iterator[str]:
    if view["terms"]:
        yield from ("", "**Terms**", "")
        yield from _bounded([_term(term) for term in view["terms"]], "more")


def _term(term: TermView) -> str:
    place, what = words.line(term)
    agreeing = f", with the agreement of {', '.join(map(code, term['agreement']))}" if term["agreement"] else ""
    return f"- {code(place)} {code(what)}{agreeing}"


def _details(stack: StackDiffView) -> str:
    fates = ", ".join(f"{number} {fate}" for fate, number in words.counts([stack]).items() if number)
    lines = ["", "<details>", f"<summary>{plain(stack['stack'])}: {fates or 'data left on the engine'}</summary>", ""]
    for line in stack["lines"]:
        place, what = words.line(line)
        lines.append(f"- {code(place)} {code(what)}")
    lines += ["", "```diff", *(_step(step, stack["stack"]) for step in words.on_engine(stack)), "```", "", "</details>"]
    return "\n".join(lines)


def _step(step: DiffStepView, stack: str) -> str:
    kind = step["type"].rsplit(":", 1)[-1].lower()
    effect = "" if step["effect"] in ("none", "in-place") else f" ({step['effect']})"
    what = f" [{', '.join(step['diff'])}]" if step["diff"] else ""
    return safe(f"{_SIGNS[step['op']]} {kind} {step['name'].removeprefix(stack + '.')}{what}{effect}").replace("`", "'")


def _bounded(lines: Iterable[str], noun: str) -> Iterator[str]:
    yield fitting(list(lines), _SHARE, noun)
