"""Having an instance that is failed over served by its own site again."""

from __future__ import annotations

import time

from moothall.failures import Inconclusive, OperationError
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.switchover import switchover_context
from moothall.operations.switchover.server import MISSING, PRIMARY, STANDBY
from moothall.operations.switchover.start_containers import start_containers
from moothall.operations.switchover.steps import follow
from moothall.operations.switchover.switchover import switch_over
from moothall.operations.switchover.switchover_context import SwitchOptions, SwitchoverContext
from moothall.report.switch.view import SwitchView, served
from moothall.report.text.view import text_of


def failback(context: Context, options: SwitchOptions) -> SwitchView:
    """Fail back and return what came of it; when it is done already, say so.

    Raises OperationError when it cannot be done, is not confirmed, or somebody else works on the instance.
    """
    at = switchover_context.load(context, options.instance)
    home, away = at.mirror.primary_site, at.mirror.site
    for site in (home, away):
        if site in at.silent:
            raise switchover_context.silence(at, site)
    if at.mirror.active is None and at.states[home].role == PRIMARY and at.states[away].role == STANDBY:
        return served(at.mirror.instance, home, f"{home} serves already")
    for site in (home, away):
        if at.states[site].role == MISSING:
            raise switchover_context.missing(at, site)
    _confirm(context, options, at)
    with switchover_context.alone(context, at):
        at = _bring_up(context, options, at)
        return switch_over(context, options, at, home, "failed back", time.monotonic())


def _confirm(context: Context, options: SwitchOptions, at: SwitchoverContext) -> None:
    home, away = at.mirror.primary_site, at.mirror.site
    ahead = f"{at.mirror.title} will be served by {home} again. While both change roles nobody is served for seconds."
    if at.states[home].role not in (STANDBY, PRIMARY) or not at.states[home].streaming:
        ahead += f" What {home} has and {away} has not is lost, if there is any."
    confirm(
        context.progress,
        text_of(f"{ahead}\n"),
        "Fail back? Only 'yes' goes on: ",
        given="yes" if options.yes else None,
        refused=f"failing back was not confirmed. {ahead}",
        state="Nothing was touched.",
        hint=f"moothall failback {at.mirror.instance} --yes",
    )
    context.progress.stage(ahead)


def _bring_up(context: Context, options: SwitchOptions, at: SwitchoverContext) -> SwitchoverContext:
    """Have all run that belongs to the instance, and the home server follow the one that serves, users undisturbed.

    It is done when it streams. Return the scene as it is then.
    """
    home, away = at.servers[at.mirror.primary_site], at.servers[at.mirror.site]
    context.progress.stage(f"{at.mirror.instance}: {home.site} follows {away.site}")
    start_containers(at.plan, at.mirror.instance, at.engine_pool, at.ways())
    try:
        both = away.come_up().role, home.come_up().role
        if both[0] == PRIMARY:  # else an earlier run got as far as fencing it
            follow(home, away, at.cut)
        elif both[1] not in (PRIMARY, STANDBY):
            name, left = at.mirror.instance, "What did not run was started; nothing else was touched."
            what = f"neither server takes writes, and {home.site} has nothing to follow"
            raise OperationError(what, state=left, hint=f"moothall failover {name} --yes --confirm {name}")
    except Inconclusive as reason:
        left, needed = f"{away.site} goes on serving.", [home.site, away.site]
        raise switchover_context.interrupted(options, at, reason, "failback", left, needed) from reason
    return switchover_context.refreshed(at)
