"""The engines of a plan's sites: which of them answer, and whether each is still the recorded one."""

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
        return tuple(sorted({self.engines.endpoint_of(site) for site in sites if site not in self.silent}))

    def without(self, reasons: Mapping[Endpoint, str]) -> Reach:
        """Return the same, with the sites of some engines as silent, each for its reason."""
        failed = {site: reasons.get(self.engines.endpoint_of(site)) for site in self.identities}
        silent = {site: reason for site, reason in failed.items() if reason}
        identities = {site: identity for site, identity in self.identities.items() if site not in silent}
        return self._replace(identities=identities, silent={**self.silent, **silent})


def reach(context: Context, plan: Plan, accepted_sites: Collection[str] = ()) -> Reach:
    """Return the identities of the engines of all the plan's sites, or why they do not answer.

    Raises OperationError (refused) when another engine answers for a site than the one that it stands on, unless the
    site is among `accepted_sites`.
    """
    engines = engines_of(context)
    sites = sorted({stack.site for stack in plan.stacks})
    endpoints = sorted({engines.endpoint_of(site) for site in sites})
    with ThreadPoolExecutor(len(endpoints)) as pool:
        answers = dict(zip(endpoints, pool.map(_ask, endpoints), strict=True))
    site_answers = {site: answers[engines.endpoint_of(site)] for site in sites}
    engine_reach = Reach(
        engines,
        {site: answer for site, (answer, reason) in site_answers.items() if not reason},
        {site: reason for site, (_, reason) in site_answers.items() if reason},
    )
    _check_same_engines(context, plan, engine_reach, accepted_sites)
    return engine_reach


def clear(plan: Plan, engine_reach: Reach) -> None:
    """Remove the probes that killed runs have left on the engines that answer. Raises OperationError."""
    from moothall.verify import clear_probes

    for endpoint in engine_reach.endpoints(stack.site for stack in plan.stacks):
        clear_probes(endpoint, plan.partnership)


def remember(context: Context, plan: Plan, engine_reach: Reach) -> None:
    """Record which engine answers for each site."""
    from moothall.deploy import engine_bindings

    engine_bindings.remember(context.state, plan.partnership, engine_reach.identities)


def forget(context: Context, plan: Plan, standing_sites: set[str]) -> None:
    """Forget the engines of the plan's sites that are not in `standing_sites`."""
    from moothall.deploy import engine_bindings

    engine_bindings.forget(context.state, plan.partnership, {stack.site for stack in plan.stacks} - standing_sites)


def _ask(endpoint: Endpoint) -> tuple[str, str]:
    """Return the engine's identity, or why it does not answer."""
    from moothall.pulumi_engine import EngineUnreachable, identity

    try:
        return identity(endpoint), ""
    except EngineUnreachable as error:
        return "", error.message


def _check_same_engines(context: Context, plan: Plan, engine_reach: Reach, accepted_sites: Collection[str]) -> None:
    from moothall.deploy import engine_bindings

    sites = [stack.site for stack in plan.stacks]
    for site in accepted_sites:
        check_name("site", site, sites, option=False)
    changed_bindings = engine_bindings.changed_bindings(context.state, plan.partnership, engine_reach.identities)
    for site, recorded_engine, answering_engine in changed_bindings:
        if site not in accepted_sites:
            # All of them: one alone would be refused for another.
            accept = " ".join(f"--accept-engine {binding.site}" for binding in changed_bindings)
            up_command = f"moothall up --partnership {plan.partnership} {accept}"
            raise OperationError(
                f"{site} stands on the engine {recorded_engine}, and "
                f"{engine_reach.engines.endpoint_of(site).host} is the engine {answering_engine}",
                state="Nothing was touched.",
                hint=f"{up_command}  # only when the old engine is gone; all is recreated",
                exit_code=REFUSED,
            )
