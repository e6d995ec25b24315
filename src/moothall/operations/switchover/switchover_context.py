"""What `failover` and `failback` share: the instance, both servers as they are, who may work on it, and the record."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from moothall.deploy import built_images
from moothall.docker_engine.pool import EnginePool
from moothall.failures import USAGE, Inconclusive, OperationError
from moothall.model.planned import MirrorPlan, Plan
from moothall.model.stackname import stack_of
from moothall.operations.context import Context
from moothall.operations.planning import by_id, chosen_plan
from moothall.operations.secrets import open_vault
from moothall.operations.stacks import engine_bindings
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.switchover.server import Server, State, servers
from moothall.operations.switchover.start_containers import missing_link
from moothall.ports import Vault
from moothall.verify.deployed import recovery_hint


@dataclass(frozen=True)
class SwitchOptions:
    """Which mirrored instance changes sites, and how that is agreed to; `confirm` is its name: changes may be lost."""

    instance: str
    yes: bool = False
    confirm: str | None = None


class SwitchoverContext(NamedTuple):
    """One mirrored instance with its engines, and by site its servers, their states, or why there was no answer."""

    plan: Plan
    mirror: MirrorPlan
    vault: Vault
    reach: Reach
    servers: Mapping[str, Server]
    states: Mapping[str, State]
    silent: Mapping[str, str]

    @property
    def engine_pool(self) -> EnginePool:
        """The engines of all sites."""
        return EnginePool(self.plan, self.reach.engines)

    def answering_sites(self, *excluded_sites: str) -> list[str]:
        """Return the sites that answer but for the excluded ones: what hands on for the instance stands there."""
        return sorted({stack.site for stack in self.plan.stacks} - {*excluded_sites, *self.reach.silent})

    def missing_link(self) -> str:
        """Return what is missing on the way between the two servers, "" when nothing is."""
        return missing_link(self.plan, self.mirror.instance, self.engine_pool)


def command_time() -> float:
    """Return when the command was given, on the monotonic clock: when this process began."""
    from moothall.processes import start_ticks

    ticks = start_ticks(os.getpid())
    if ticks is None:  # not Linux: what loading took is not counted
        return time.monotonic()
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.monotonic() - age


def load(context: Context, instance: str) -> SwitchoverContext:
    """Return the instance with both of its servers looked at, at once.

    Raises OperationError when there is no such mirrored instance or the vault does not open.
    """
    plan = chosen_plan(context)
    mirror = _mirror(plan, instance)
    vault = open_vault(context, plan)
    # At night nobody is held up by a record that somebody has altered: no login is tried then, for want of an image.
    plan = by_id(plan, built_images.read_sealed(context.state, plan.partnership, vault))
    reach = engine_bindings.reach(context, plan)
    return refresh(SwitchoverContext(plan, mirror, vault, reach, servers(plan, mirror, reach.engines), {}, {}))


def refresh(switchover: SwitchoverContext) -> SwitchoverContext:
    """Return the context with the present states of both servers."""
    reachable_sites = [site for site in switchover.servers if site not in switchover.reach.silent]
    with ThreadPoolExecutor(2) as pool:
        answers = dict(
            zip(
                reachable_sites, pool.map(lambda site: _look_at(switchover.servers[site]), reachable_sites), strict=True
            )
        )
    states = {site: state for site, state in answers.items() if isinstance(state, State)}
    silent = {
        site: reason for site, reason in {**switchover.reach.silent, **answers}.items() if isinstance(reason, str)
    }
    return switchover._replace(
        states=states, silent={site: reason for site, reason in silent.items() if site in switchover.servers}
    )


def silent_site_error(switchover: SwitchoverContext, site: str) -> OperationError:
    """Return the failure for a site whose server cannot be asked: its engine is silent, or the container is."""
    hint = "moothall doctor"
    if site not in switchover.reach.silent:
        server = switchover.servers[site]
        hint = f"docker --host {server.engine.host} restart {server.container}"
    return OperationError(switchover.silent[site], state="Nothing was touched.", hint=hint)


def _look_at(server: Server) -> State | str:
    try:
        return server.look()
    except Inconclusive as reason:
        return str(reason)


def _mirror(plan: Plan, instance: str) -> MirrorPlan:
    for mirror in plan.mirrors:
        if mirror.instance == instance:
            return mirror
    names = ", ".join(mirror.instance for mirror in plan.mirrors) or "none"
    what = f"{plan.partnership} has no mirrored instance {instance!r} on {plan.as_of}; mirrored are: {names}"
    raise OperationError(what, state="Nothing was touched.", hint="moothall plan", exit_code=USAGE)


def missing_server_error(switchover: SwitchoverContext, site: str) -> OperationError:
    """Return the failure for a site whose server's container is not there; its data may be."""
    return OperationError(f"there is no server at {site}", state="Nothing was touched.", hint="moothall up --yes")


def server_stacks(switchover: SwitchoverContext) -> list[str]:
    """Return the stacks of both servers: who holds them works on the instance alone."""
    return [stack_of(server.container) for server in switchover.servers.values()]


def interruption_error(
    options: SwitchOptions,
    switchover: SwitchoverContext,
    reason: Inconclusive,
    verb: str,
    state: str,
    needed_sites: Iterable[str],
) -> OperationError:
    """Return the failure for a step that could not be made and needs these sites; what was confirmed stays so."""
    command = f"moothall {verb} {switchover.mirror.instance}{' --yes' if options.yes else ''}"
    command += f" --confirm {options.confirm}" if options.confirm else ""
    return OperationError(str(reason), state=state, hint=advice(switchover, needed_sites, command))


def advice(switchover: SwitchoverContext, needed_sites: Iterable[str], command: str) -> str:
    """Return the command that leads on: the same one only when all runs at the `needed` sites and on the way."""
    sites = {*needed_sites, *switchover.answering_sites(switchover.mirror.primary_site, switchover.mirror.site)}
    return recovery_hint(switchover.plan, switchover.mirror.instance, switchover.engine_pool, sorted(sites), command)
