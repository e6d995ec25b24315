"""Having the site of an instance's mirror serve it, whether its own site is lost or is to rest."""

from __future__ import annotations

import time
from dataclasses import dataclass

from moothall.failures import USAGE, OperationError
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.stacks.locks import hold_stacks
from moothall.operations.switchover import switchover_context
from moothall.operations.switchover.server import FENCED, MISSING, PRIMARY, STANDBY
from moothall.operations.switchover.switchover import switch_over
from moothall.operations.switchover.switchover_context import SwitchOptions, SwitchoverContext
from moothall.report.switch.view import SwitchView, served_view
from moothall.report.text.view import text_of


@dataclass(frozen=True)
class FailoverOptions(SwitchOptions):
    """Which site is to serve, that of the mirror if None, and why, for the record."""

    to: str | None = None
    why: str = "not said"


def failover(context: Context, options: FailoverOptions) -> SwitchView:
    """Fail over and return the results; when it is done already, the view says so.

    Raises OperationError when it cannot be done, is not confirmed, or somebody else works on the instance.
    """
    start_time = switchover_context.command_time()
    switchover = switchover_context.load(context, options.instance)
    target = _target_site(options, switchover)
    if _serves(switchover, target) and _is_complete(switchover, target):
        since_text = f", failed over since {switchover.mirror.active.since}" if switchover.mirror.active else ""
        return served_view(switchover.mirror.instance, target, f"{target} serves already{since_text}")
    start_time += _confirm(context, options, switchover, target)
    with hold_stacks(context, switchover_context.server_stacks(switchover)):
        return switch_over(context, options, switchover, target, options.why, start_time)


def _serves(switchover: SwitchoverContext, target: str) -> bool:
    return switchover.mirror.serving_site == target and switchover.states[target].role == PRIMARY


def _is_complete(switchover: SwitchoverContext, target: str) -> bool:
    """Return whether nothing is left to do: the other server follows, or cannot be reached."""
    other = switchover.mirror.other_site(target)
    return other in switchover.silent or switchover.states[other].role == STANDBY


def _target_site(options: FailoverOptions, switchover: SwitchoverContext) -> str:
    """Return the site that is to serve, which must have a server that can."""
    sites = (switchover.mirror.primary_site, switchover.mirror.site)
    target = options.to or switchover.mirror.site
    if target not in sites:
        what = f"{target!r} has no server of {switchover.mirror.instance}; {' and '.join(sites)} have"
        raise OperationError(what, state="Nothing was touched.", hint=f"--to {switchover.mirror.site}", exit_code=USAGE)
    if target in switchover.silent:
        raise switchover_context.silent_site_error(switchover, target)
    role = switchover.states[target].role
    if role == MISSING:
        raise switchover_context.missing_server_error(switchover, target)
    if role != STANDBY and target == switchover.mirror.primary_site and switchover.mirror.active is not None:
        what = f"the server at {target} is {role}: it was replaced, and has to follow before it takes over"
        raise OperationError(what, state="Nothing was touched.", hint=f"moothall failback {switchover.mirror.instance}")
    return target


def _confirm(context: Context, options: FailoverOptions, switchover: SwitchoverContext, target: str) -> float:
    """Ask; where changes may be lost, for the instance's name. Return how many seconds the answer took."""
    question_time = time.monotonic()
    announcement, is_risky = _announcement(switchover, target)
    name = switchover.mirror.instance
    command = f"moothall failover {name} --yes"
    expected_answer, given_answer, question = "yes", "yes" if options.yes else None, "Fail over? Only 'yes' goes on: "
    if is_risky:  # then --yes alone is not enough, and asks nobody
        expected_answer, command = name, f"{command} --confirm {name}"
        given_answer, question = options.confirm or ("yes" if options.yes else None), f"Type {name} to go on: "
    confirm(
        context.progress,
        text_of("\n".join([*announcement, ""])),
        question,
        expected=expected_answer,
        given_answer=given_answer,
        refusal=f"failing over was not confirmed. {' '.join(announcement)}",
        state="Nothing was touched.",
        hint=command,
    )
    context.progress.stage(" ".join(announcement))
    return time.monotonic() - question_time


def _announcement(switchover: SwitchoverContext, target: str) -> tuple[list[str], bool]:
    """Return what will happen and what may be lost, and whether that has to be accepted by name."""
    old_site = switchover.mirror.other_site(target)
    if _serves(switchover, target):
        return [f"{switchover.mirror.title} is served by {target} already; {old_site} is made to follow."], False
    lines = [f"{switchover.mirror.title} will be served by {target} instead of {old_site}."]
    if old_site in switchover.silent:
        lines.append(f"{old_site} does not answer: it may still serve its own site, and what is written there is lost.")
        lines.append("When it is back its server fences itself.")
        return lines, True
    state = switchover.states[old_site]
    if state.role == PRIMARY and state.follower == "streaming":
        lines.append(f"Its standby is {state.bytes_behind or 0} bytes behind and gets them first: nothing is lost.")
        return lines, False
    if state.role == PRIMARY:
        lines.append(
            f"The server at {old_site} runs and its standby does not hear it: what it wrote since then is lost."
        )
        return lines, True
    lines.append(f"The server at {old_site} is {state.role}.")
    if state.role != FENCED:
        lines.append("Commits that it did not hand on are lost; how many is said at the end.")
    return lines, False
