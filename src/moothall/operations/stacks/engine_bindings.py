"""The engines of a plan's sites: which of them answer, and that each is the one it was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from moothall.failures import REFUSED, OperationError
from moothall.model.engines import Endpoint, Engines
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.definitions import check_name, engines_of


class Reach(NamedTuple):
    """The engines; the identity of each site's engine; and, for sites whose engine does not answer, why."""

    engines: Engines
    identities: Mapping[str, str]
    silent: Mapping[str, str]

    def endpoints(self, sites: Iterable[str]) -> tuple[Endpoint, ...]:
        """Return the engines of sites that answer, each once."""
        return tuple(sorted({self.engines.at(site) for site in sites if site not in self.silent}))


def reach(context: Context, plan: Plan, accepted: Collection[str] = ()) -> Reach:
    """Ask the engines of all the plan's sites who they are.

    Raises OperationError (refused) when another engine answers for a site than the one that it stands on, unless the
    site is among those `accepted`.
    """
    engines = engines_of(context)
    sites = sorted({stack.site for stack in plan.stacks})
    endpoints = sorted({engines.at(site) for site in sites})
    with ThreadPoolExecutor(len(endpoints)) as pool:
        answers = dict(zip(endpoints, pool.map(_ask, endpoints), strict=True))
    said = {site: answers[engines.at(site)] for site in sites}
    found = Reach(
        engines,
        {site: answer for site, (answer, why) in said.items() if not why},
        {site: why for site, (_, why) in said.items() if why},
    )
    _same(context, plan, found, accepted)
    return found


def clear(plan: Plan, found: Reach) -> None:
    """Remove the probes that killed runs have left on the engines that answer. Raises OperationError."""
    from moothall.verify import clear_probes

    for endpoint in found.endpoints(stack.site for stack in plan.stacks):
        clear_probes(endpoint, plan.partnership)


def remember(context: Context, plan: Plan, found: Reach) -> None:
    """Record which engine answers for each site."""
    from moothall.deploy import engine_bindings

    engine_bindings.remember(context.state, plan.partnership, found.identities)


def forget(context: Context, plan: Plan, standing: set[str]) -> None:
    """Forget the engines of sites at which nothing is `standing` any more."""
    from moothall.deploy import engine_bindings

    engine_bindings.forget(context.state, plan.partnership, {stack.site for stack in plan.stacks} - standing)


def _ask(endpoint: Endpoint) -> tuple[str, str]:
    """Return the engine's identity, or why it does not answer."""
    from moothall.pulumi_engine import EngineUnreachable, identity

    try:
        return identity(endpoint), ""
    except EngineUnreachable as silent:
        return "", silent.message


def _same(context: Context, plan: Plan, found: Reach, accepted: Collection[str]) -> None:
    from moothall.deploy import engine_bindings

    sites = [stack.site for stack in plan.stacks]
    for site in accepted:
        check_name("site", site, sites, option=False)
    moved = engine_bindings.moved(context.state, plan.partnership, found.identities)
    for site, was, now in moved:
        if site not in accepted:
            # All of them: one alone would be refused for another.
            accept = " ".join(f"--accept-engine {each.site}" for each in moved)
            up = f"moothall up --partnership {plan.partnership} {accept}"
            raise OperationError(
                f"{site} stands on the engine {was}, and {found.engines.at(site).host} is the engine {now}",
                state="Nothing was touched.",
                hint=f"{up}  # only when the old engine is gone; all is recreated",
                exit_code=REFUSED,
            )
