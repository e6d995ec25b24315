"""Show the whole compiled plan."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from dataclasses import replace

from moothall.model.outcome import Answer
from moothall.model.planned import TenantPlan
from moothall.model.stackname import parts, stack_of
from moothall.model.uses import ENGINES, SELECTION, Uses
from moothall.operations import session
from moothall.plan import view
from moothall.ports import Progress

HELP = "Show everything that shall stand on the day, and what is only planned. Needs no engine and no key."
USES = Uses((*SELECTION, *ENGINES), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: plan has no options of its own."""


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the plan, or what of its stacks and uses is chosen."""
    plan = session.plan_of(options)
    chosen = replace(
        plan,
        stacks=tuple(stack for stack in plan.stacks if session.selected(options, stack)),
        tenants=tuple(use for use in plan.tenants if _fits(options, use.council, _sites(use), use.instance)),
        external=tuple(use for use in plan.external if _fits(options, use.council, (), None)),
        planned=tuple(use for use in plan.planned if _fits(options, use.council, (use.site,), use.instance)),
    )
    return Answer("plan", view(chosen))


def _fits(
    options: argparse.Namespace, council: str | None, sites: Collection[str | None], instance: str | None
) -> bool:
    """Say whether the selection, where None is any, means a use."""
    return (
        options.council in (None, council)
        and (options.site is None or options.site in sites)
        and options.instance in (None, instance)
    )


def _sites(tenant: TenantPlan) -> set[str | None]:
    """Return the sites at which something stands that only this tenant has."""
    names = (tenant.relay, tenant.gateway, tenant.application, tenant.waiting_application, tenant.waiting_gateway)
    return {parts(stack_of(name)).site for name in names if name}
