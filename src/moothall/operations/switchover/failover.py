"""Having the site of an instance's mirror serve it, whether its own site is lost or is to rest."""

from __future__ import annotations

import time
from dataclasses import dataclass

from moothall.failures import USAGE, OperationError
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.switchover import switchover_context
from moothall.operations.switchover.server import FENCED, MISSING, PRIMARY, STANDBY
from moothall.operations.switchover.switchover import switch_over
from moothall.operations.switchover.switchover_context import SwitchOptions, SwitchoverContext
from moothall.report.switch.view import SwitchView, served
from moothall.report.text.view import text_of


@dataclass(frozen=True)
class FailoverOptions(SwitchOptions):
    """Which site is to serve, that of the mirror if None, and why, for the record."""

    to: str | None = None
    why: str = "not said"


def failover(context: Context, options: FailoverOptions) -> SwitchView:
    """Fail over and return what came of it; when it is done already, say so.

    Raises OperationError when it cannot be done, is not confirmed, or somebody else works on the instance.
    """
    began = switchover_context.commanded()
    at = switchover_context.load(context, options.instance)
    to = _target(options, at)
    if _serves(at, to) and _done(at, to):
        since = f", failed over since {at.mirror.active.since}" if at.mirror.active else ""
        return served(at.mirror.instance, to, f"{to} serves already{since}")
    began += _confirm(context, options, at, to)
    with switchover_context.alone(context, at):
        return switch_over(context, options, at, to, options.why, began)


def _serves(at: SwitchoverContext, to: str) -> bool:
    return at.mirror.serving_site == to and at.states[to].role == PRIMARY


def _done(at: SwitchoverContext, to: str) -> bool:
    """Say whether nothing is left to do: the other server follows, or nobody there can be told to."""
    other = at.mirror.other(to)
    return other in at.silent or at.states[other].role == STANDBY


def _target(options: FailoverOptions, at: SwitchoverContext) -> str:
    """Return the site that is to serve, which must have a server that can."""
    sites = (at.mirror.primary_site, at.mirror.site)
    to = options.to or at.mirror.site
    if to not in sites:
        what = f"{to!r} has no server of {at.mirror.instance}; {' and '.join(sites)} have"
        raise OperationError(what, state="Nothing was touched.", hint=f"--to {at.mirror.site}", exit_code=USAGE)
    if to in at.silent:
        raise switchover_context.silence(at, to)
    role = at.states[to].role
    if role == MISSING:
        raise switchover_context.missing(at, to)
    if role != STANDBY and to == at.mirror.primary_site and at.mirror.active is not None:
        what = f"the server at {to} is {role}: it was replaced, and has to follow before it takes over"
        raise OperationError(what, state="Nothing was touched.", hint=f"moothall failback {at.mirror.instance}")
    return to


def _confirm(context: Context, options: FailoverOptions, at: SwitchoverContext, to: str) -> float:
    """Ask; where changes may be lost, for the instance's name. Return how many seconds the answer took."""
    asked = time.monotonic()
    ahead, risky = _ahead(at, to)
    name = at.mirror.instance
    again = f"moothall failover {name} --yes"
    wanted, given, question = "yes", "yes" if options.yes else None, "Fail over? Only 'yes' goes on: "
    if risky:  # then --yes alone is not enough, and asks nobody
        wanted, again = name, f"{again} --confirm {name}"
        given, question = options.confirm or ("yes" if options.yes else None), f"Type {name} to go on: "
    confirm(
        context.progress,
        text_of("\n".join([*ahead, ""])),
        question,
        wanted=wanted,
        given=given,
        refused=f"failing over was not confirmed. {' '.join(ahead)}",
        state="Nothing was touched.",
        hint=again,
    )
    context.progress.stage(" ".join(ahead))
    return time.monotonic() - asked


def _ahead(at: SwitchoverContext, to: str) -> tuple[list[str], bool]:
    """Return what will happen and what may be lost, and whether that has to be accepted by name."""
    old = at.mirror.other(to)
    if _serves(at, to):
        return [f"{at.mirror.title} is served by {to} already; {old} is made to follow."], False
    lines = [f"{at.mirror.title} will be served by {to} instead of {old}."]
    if old in at.silent:
        lines.append(f"{old} does not answer: it may still serve its own site, and what is written there is lost.")
        lines.append("When it is back its server fences itself.")
        return lines, True
    state = at.states[old]
    if state.role == PRIMARY and state.follower == "streaming":
        lines.append(f"Its standby is {state.behind or 0} bytes behind and gets them first: nothing is lost.")
        return lines, False
    if state.role == PRIMARY:
        lines.append(f"The server at {old} runs and its standby does not hear it: what it wrote since then is lost.")
        return lines, True
    lines.append(f"The server at {old} is {state.role}.")
    if state.role != FENCED:
        lines.append("Commits that it did not hand on are lost; how many is said at the end.")
    return lines, False
