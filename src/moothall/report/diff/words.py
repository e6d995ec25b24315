"""The sentences that every form of a diff is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the builders of the view know engine and plans, which a form has no need to load
    from moothall.report.diff.view import DiffStepView, LineView, Revision, StackDiffView, TermView, TurnView

COUNTED = ("created", "changed in place", "restarted", "replaced", "destroyed", "data lost")
"""What can become of an object, from harmless to not."""

_EFFECTS = {"in-place": "changed in place", "restart": "restarted", "replace": "replaced", "data-loss": "data lost"}


def on_engine(stack: StackDiffView) -> list[DiffStepView]:
    """Return the steps of a stack that concern an object on an engine; components and providers mean nothing there."""
    return [step for step in stack["steps"] if step["type"].startswith("docker:")]


def counts(stacks: Iterable[StackDiffView]) -> dict[str, int]:
    """Return how many objects of the stacks meet each fate of `COUNTED`."""
    fates = [_fate(step) for stack in stacks for step in on_engine(stack)]
    return {fate: fates.count(fate) for fate in COUNTED}


def by_council(stacks: Iterable[StackDiffView]) -> dict[str, list[StackDiffView]]:
    """Return the stacks of each council, and before them those that a partnership shares, under a name for people."""
    stacks_by_council: dict[str, list[StackDiffView]] = {}
    for stack in sorted(stacks, key=lambda stack: (stack["partnership"], stack["council"] or "", stack["stack"])):
        stacks_by_council.setdefault(f"{stack['council'] or 'shared'} in {stack['partnership']}", []).append(stack)
    return stacks_by_council


def agreement(changes: Iterable[StackDiffView | TermView]) -> list[str]:
    """Return everybody who has to agree to changes, of stacks or of terms."""
    return sorted({party for change in changes for party in change["agreement"]})


def side(side: Revision) -> str:
    """Return a revision in words: what it was called and the beginning of its commit."""
    name, commit = side["name"], side["commit"]
    return f"{name} ({commit[:12]})" if commit and commit != name else str(name)[:40]


def line(line: LineView) -> tuple[str, str]:
    """Return the place of a changed line, and what changed there."""
    place = f"{line['path']}:{line['line']}"
    if line["revision"] == "base":
        place += " (as it was)"
    if not line["route"]:
        return place, "file added" if line["before"] is None else "file removed"
    if line["before"] is None:
        return place, f"{line['route']} added: {line['after']}"
    if line["after"] is None:
        return place, f"{line['route']} removed: {line['before']}"
    return place, f"{line['route']}: {line['before']} → {line['after']}"


def turn(turn: TurnView) -> str:
    """Return what becomes of something planned."""
    subject = _subject(turn)
    before, after = turn["before"] or "no date", turn["after"] or "no date"
    if turn["change"] == "planned":
        return f"{subject} becomes planned: {after}"
    if turn["change"] == "due":
        return f"{subject} is due and will stand; it was planned: {before}"
    if turn["change"] == "dropped":
        return f"{subject} is planned no more; it was: {before}"
    return f"{subject} moves from {before} to {after}"


def _subject(turn: TurnView) -> str:
    if turn["council"]:
        module = f" with {turn['module']}" if turn["module"] else ""
        return f"{turn['council']} in {turn['instance']}{module}"
    return f"the mirror of {turn['instance']} at {turn['site']}" if turn["instance"] else f"the site {turn['site']}"


def _fate(step: DiffStepView) -> str:
    if step["op"] == "create":
        return "created"
    if step["op"] == "delete" and step["effect"] != "data-loss":
        return "destroyed"
    return _EFFECTS[step["effect"]]
