"""What `failover` and `failback` share: the instance, both servers as they are, who may work on it, and the record."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from moothall.docker_engine.pool import EnginePool
from moothall.failures import USAGE, Inconclusive, OperationError
from moothall.model.planned import MirrorPlan, Plan
from moothall.model.stackname import stack_of
from moothall.operations.context import Context
from moothall.operations.planning import chosen_plan
from moothall.operations.secrets import open_vault, state_passphrase
from moothall.operations.stacks import engine_bindings
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.switchover.server import Server, State, servers
from moothall.operations.switchover.start_containers import cut
from moothall.ports import Vault
from moothall.verify.deployed import recovery_hint


@dataclass(frozen=True)
class SwitchOptions:
    """Which mirrored instance changes sites, and how that is agreed to; `confirm` is its name: changes may be lost."""

    instance: str
    yes: bool = False
    confirm: str | None = None


class SwitchoverContext(NamedTuple):
    """One mirrored instance with its engines, its servers by site, and what each said; a silent one said why not."""

    plan: Plan
    mirror: MirrorPlan
    vault: Vault
    found: Reach
    servers: Mapping[str, Server]
    states: Mapping[str, State]
    silent: Mapping[str, str]

    @property
    def engine_pool(self) -> EnginePool:
        """The engines of all sites."""
        return EnginePool(self.plan, self.found.engines)

    def ways(self, *but: str) -> list[str]:
        """Return the sites that answer, without some: what hands on for the instance stands at them."""
        return sorted({stack.site for stack in self.plan.stacks} - {*but, *self.found.silent})

    def cut(self) -> str:
        """Return what is missing on the way between the two servers, "" when nothing is."""
        return cut(self.plan, self.mirror.instance, self.engine_pool)


def commanded() -> float:
    """Return when the command was given, on the monotonic clock: when this process began."""
    from moothall.processes import began

    ticks = began(os.getpid())
    if ticks is None:  # not Linux: what loading took is not counted
        return time.monotonic()
    since = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.monotonic() - since


def load(context: Context, instance: str) -> SwitchoverContext:
    """Return the instance with both of its servers looked at, at once.

    Raises OperationError when there is no such mirrored instance or the vault does not open.
    """
    plan = chosen_plan(context)
    mirror = _mirror(plan, instance)
    vault = open_vault(context, plan)
    found = engine_bindings.reach(context, plan)
    return refreshed(SwitchoverContext(plan, mirror, vault, found, servers(plan, mirror, found.engines), {}, {}))


def refreshed(at: SwitchoverContext) -> SwitchoverContext:
    """Return the scene with what both servers say now."""
    asked = [site for site in at.servers if site not in at.found.silent]
    with ThreadPoolExecutor(2) as pool:
        said = dict(zip(asked, pool.map(lambda site: _look(at.servers[site]), asked), strict=True))
    states = {site: state for site, state in said.items() if isinstance(state, State)}
    silent = {site: why for site, why in {**at.found.silent, **said}.items() if isinstance(why, str)}
    return at._replace(states=states, silent={site: why for site, why in silent.items() if site in at.servers})


def silence(at: SwitchoverContext, site: str) -> OperationError:
    """Return the failure for a site whose server cannot be asked: its engine is silent, or the container is."""
    hint = "moothall doctor"
    if site not in at.found.silent:
        server = at.servers[site]
        hint = f"docker --host {server.engine.host} restart {server.container}"
    return OperationError(at.silent[site], state="Nothing was touched.", hint=hint)


def _look(server: Server) -> State | str:
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


def missing(at: SwitchoverContext, site: str) -> OperationError:
    """Return the failure for a site whose server's container is not there; its data may be."""
    return OperationError(f"there is no server at {site}", state="Nothing was touched.", hint="moothall up --yes")


@contextmanager
def alone(context: Context, at: SwitchoverContext) -> Iterator[None]:
    """Hold the stacks of both servers, as `up` does, so that nobody else works on the instance.

    Raises OperationError (locked) naming who does.
    """
    from moothall.deploy.deployment import PROJECT
    from moothall.pulumi_engine import Backend
    from moothall.pulumi_engine.state import lock

    backend = Backend(context.state, state_passphrase)
    with lock.hold_all(backend, PROJECT, (stack_of(server.container) for server in at.servers.values())):
        yield


def interrupted(
    options: SwitchOptions, at: SwitchoverContext, reason: Inconclusive, verb: str, left: str, needed: Iterable[str]
) -> OperationError:
    """Return the failure for a step that could not be made and needs these sites; what was confirmed stays so."""
    again = f"moothall {verb} {at.mirror.instance}{' --yes' if options.yes else ''}"
    again += f" --confirm {options.confirm}" if options.confirm else ""
    return OperationError(str(reason), state=left, hint=advice(at, needed, again))


def advice(at: SwitchoverContext, needed: Iterable[str], again: str) -> str:
    """Return the command that leads on: the same one only when all runs at the `needed` sites and on the way."""
    sites = {*needed, *at.ways(at.mirror.primary_site, at.mirror.site)}
    return recovery_hint(at.plan, at.mirror.instance, at.engine_pool, sorted(sites), again)
