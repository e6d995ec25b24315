"""Changes for people: stack by stack what happens, to whom, with which effect and because of which line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from moothall.report.positions import text
from moothall.report.style import Style, safe, safe_lines

if TYPE_CHECKING:  # the builders of the view know engine and plans, which a form has no need to load
    from moothall.report.changes.view import AddressView, ChangesView, StackChangeView, WaitingView
    from moothall.report.steps import FailureView, StepCounts, StepView

_SIGNS = {"create": ("+", "green"), "update": ("~", "yellow"), "replace": ("±", "yellow"), "delete": ("-", "red")}
_EFFECTS = {
    "none": "",
    "in-place": "changed in place",
    "restart": "restarts",
    "replace": "replaced",
    "data-loss": "DATA LOST",
}
_FINE = {"unchanged", "previewed", "succeeded"}


def render(view: ChangesView, style: Style) -> str:
    """Return the text of a changes view; stacks in which nothing happens are only counted."""
    shown_stacks = [stack for stack in view["stacks"] if stack["steps"] or stack["status"] not in _FINE]
    blocks = ["\n".join(_stack(stack, style)) for stack in shown_stacks]
    quiet_count = len(view["stacks"]) - len(shown_stacks)
    if quiet_count:
        blocks.append(style.paint(f"{quiet_count} {'stack' if quiet_count == 1 else 'stacks'} unchanged", "faint"))
    is_preview = any(stack["status"] == "previewed" for stack in view["stacks"])
    bad_count = sum(stack["status"] not in _FINE for stack in view["stacks"])
    blocks.append(summary_line(view["summary"], style, is_preview=is_preview, bad_count=bad_count))
    blocks += [style.paint(f"refused: {safe(refusal)}", "red") for refusal in view.get("refusals", ())]
    if view.get("tenants") and not bad_count:
        blocks.append("\n".join(_tenants(view["tenants"])))
    if view.get("waiting"):
        blocks.append("\n".join(_waiting_lines(view["waiting"], style)))
    return "\n\n".join(blocks) + "\n"


def _stack(stack: StackChangeView, style: Style) -> Iterator[str]:
    status = "" if stack["status"] in _FINE else style.paint(f"  {stack['status']}", "red")
    yield style.paint(safe(stack["stack"]), "bold") + status
    if stack["reason"]:
        yield f"  {safe(stack['reason'])}"
    for step in stack["steps"]:
        yield step_line(step, stack["stack"], style)
    for failure in stack["failures"]:
        yield from (style.paint(line, "red") for line in _failure(failure))
    if stack.get("hint"):
        yield f"  hint: {safe(stack['hint'])}"


def _failure(failure: FailureView) -> Iterator[str]:
    """What failed and why; the end of a job's own words stands in lines of its own below."""
    first, *other_lines = safe_lines(failure["message"])
    yield f"  failed: {safe(failure['name'])}: {first}" if failure["name"] else f"  failed: {first}"
    yield from (f"    {line}" for line in other_lines)


def step_line(step: StepView, stack: str, style: Style) -> str:
    """Return the line of one step of a stack: its sign, what it is about, what changes, the effect and the cause."""
    sign, colour = _SIGNS[step["op"]]
    kind = step["type"].rsplit(":", 1)[-1].lower()
    words = [style.paint(sign, colour), safe(kind), safe(step["name"].removeprefix(f"{stack}."))]
    if step["diff"]:
        words.append(f"[{safe(', '.join(step['diff']))}]")
    effect = _EFFECTS[step["effect"]]
    if effect and (step["op"] != "delete" or step["effect"] == "data-loss"):
        words.append(style.paint(effect, "red" if step["effect"] == "data-loss" else "yellow"))
    if step["declaredAt"]:
        words.append(style.paint(f"({text(step['declaredAt'])})", "faint"))
    return "  " + " ".join(words)


def summary_line(summary: StepCounts, style: Style, *, is_preview: bool, bad_count: int = 0) -> str:
    """Return the numbers of all steps in a line; with `is_preview` of those that would be taken. `bad_count` is the
    number of stacks that failed or could not be read."""
    counts = [(op, number) for op, number in summary.items() if number and op != "same"]
    phrases = [f"{number} to {op}" if is_preview else f"{number} {op}d" for op, number in counts]
    if bad_count:
        outcome = "could not be looked at" if is_preview else "did not succeed"
        stacks = f"{bad_count} {'stack' if bad_count == 1 else 'stacks'} {outcome}"
        return style.paint(f"{stacks}; {', '.join([*phrases, str(summary['same'])])} unchanged.", "red")
    if not phrases:
        return style.paint(f"No changes; {summary['same']} resources are as they should be.", "green")
    return f"{', '.join(phrases)}; {summary['same']} unchanged."


def _tenants(tenants: list[AddressView]) -> Iterator[str]:
    yield "Tenants are reached at (moothall credentials COUNCIL INSTANCE says how to log in):"
    width = max(len(f"{tenant['council']} {tenant['instance']}") for tenant in tenants)
    for tenant in tenants:
        name = f"{tenant['council']} {tenant['instance']}"
        yield f"  {name:{width}}  {tenant['url'] or ''}  https://{tenant['hostName']}/ in the council's own network"


def _waiting_lines(items: list[WaitingView], style: Style) -> Iterator[str]:
    yield style.paint("These do not answer yet:", "red")
    for item in items:
        yield f"  {item['subject']}: {safe(item['detail'])}"
        yield f"    hint: {safe(item['hint'])}"
