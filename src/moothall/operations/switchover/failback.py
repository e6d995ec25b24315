"""Having an instance that is failed over served by its own site again."""

from __future__ import annotations

import time

from moothall.failures import Inconclusive, OperationError
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.stacks.locks import hold_stacks
from moothall.operations.switchover import switchover_context
from moothall.operations.switchover.server import MISSING, PRIMARY, STANDBY
from moothall.operations.switchover.start_containers import start_containers
from moothall.operations.switchover.steps import follow
from moothall.operations.switchover.switchover import switch_over
from moothall.operations.switchover.switchover_context import SwitchOptions, SwitchoverContext
from moothall.report.switch.view import SwitchView, served_view
from moothall.report.text.view import text_of


def failback(context: Context, options: SwitchOptions) -> SwitchView:
    """Fail back and return the results; when it is done already, the view says so.

    Raises OperationError when it cannot be done, is not confirmed, or somebody else works on the instance.
    """
    switchover = switchover_context.load(context, options.instance)
    home_site, mirror_site = switchover.mirror.primary_site, switchover.mirror.site
    for site in (home_site, mirror_site):
        if site in switchover.silent:
            raise switchover_context.silent_site_error(switchover, site)
    if (
        switchover.mirror.active is None
        and switchover.states[home_site].role == PRIMARY
        and switchover.states[mirror_site].role == STANDBY
    ):
        return served_view(switchover.mirror.instance, home_site, f"{home_site} serves already")
    for site in (home_site, mirror_site):
        if switchover.states[site].role == MISSING:
            raise switchover_context.missing_server_error(switchover, site)
    _confirm(context, options, switchover)
    with hold_stacks(context, switchover_context.server_stacks(switchover)):
        switchover = _bring_up(context, options, switchover)
        return switch_over(context, options, switchover, home_site, "failed back", time.monotonic())


def _confirm(context: Context, options: SwitchOptions, switchover: SwitchoverContext) -> None:
    home_site, mirror_site = switchover.mirror.primary_site, switchover.mirror.site
    title = switchover.mirror.title
    announcement = f"{title} will be served by {home_site} again. While both change roles nobody is served for seconds."
    if switchover.states[home_site].role not in (STANDBY, PRIMARY) or not switchover.states[home_site].is_streaming:
        announcement += f" What {home_site} has and {mirror_site} has not is lost, if there is any."
    confirm(
        context.progress,
        text_of(f"{announcement}\n"),
        "Fail back? Only 'yes' goes on: ",
        given_answer="yes" if options.yes else None,
        refusal=f"failing back was not confirmed. {announcement}",
        state="Nothing was touched.",
        hint=f"moothall failback {switchover.mirror.instance} --yes",
    )
    context.progress.stage(announcement)


def _bring_up(context: Context, options: SwitchOptions, switchover: SwitchoverContext) -> SwitchoverContext:
    """Have all run that belongs to the instance, and the home server follow the one that serves, users undisturbed.

    It is done when it streams. Return the context with the states after it.
    """
    home_server, mirror_server = (
        switchover.servers[switchover.mirror.primary_site],
        switchover.servers[switchover.mirror.site],
    )
    context.progress.stage(f"{switchover.mirror.instance}: {home_server.site} follows {mirror_server.site}")
    start_containers(switchover.plan, switchover.mirror.instance, switchover.engine_pool, switchover.answering_sites())
    try:
        roles = mirror_server.come_up().role, home_server.come_up().role
        if roles[0] == PRIMARY:  # else an earlier run got as far as fencing it
            follow(home_server, mirror_server, switchover.missing_link)
        elif roles[1] not in (PRIMARY, STANDBY):
            name, state = switchover.mirror.instance, "What did not run was started; nothing else was touched."
            what = f"neither server takes writes, and {home_server.site} has nothing to follow"
            raise OperationError(what, state=state, hint=f"moothall failover {name} --yes --confirm {name}")
    except Inconclusive as reason:
        state, needed_sites = f"{mirror_server.site} goes on serving.", [home_server.site, mirror_server.site]
        raise switchover_context.interruption_error(
            options, switchover, reason, "failback", state, needed_sites
        ) from reason
    return switchover_context.refresh(switchover)
