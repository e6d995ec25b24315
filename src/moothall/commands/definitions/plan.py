"""Show the whole compiled plan."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from dataclasses import replace

from moothall.model.outcome import Report
from moothall.model.planned import TenantPlan
from moothall.model.stackname import parts, stack_of
from moothall.model.uses import ENGINES, SELECTION, Uses
from moothall.operations.context import Context
from moothall.operations.planning import chosen_plan
from moothall.report.plan.view import KIND, view

HELP = "Show everything that shall stand on the day, and what is only planned. Needs no engine and no key."
USES = Uses((*SELECTION, *ENGINES), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: plan has no options of its own."""


def parse(namespace: argparse.Namespace) -> None:
    """Return nothing."""


def run(options: None, context: Context) -> Report:
    """Return the plan, restricted to the selected stacks and uses."""
    plan = chosen_plan(context)
    selected_plan = replace(
        plan,
        stacks=tuple(stack for stack in plan.stacks if context.selects(stack)),
        tenants=tuple(use for use in plan.tenants if _fits(context, use.council, _sites(use), use.instance)),
        external=tuple(use for use in plan.external if _fits(context, use.council, (), None)),
        planned=tuple(use for use in plan.planned if _fits(context, use.council, (use.site,), use.instance)),
    )
    return Report(KIND, view(selected_plan))


def _fits(context: Context, council: str | None, sites: Collection[str | None], instance: str | None) -> bool:
    """Say whether the selection, where None is any, means a use."""
    return (
        context.council in (None, council)
        and (context.site is None or context.site in sites)
        and context.instance in (None, instance)
    )


def _sites(tenant: TenantPlan) -> set[str | None]:
    """Return the sites at which something stands that only this tenant has."""
    names = (tenant.relay, tenant.gateway, tenant.application, tenant.waiting_application, tenant.waiting_gateway)
    return {parts(stack_of(name)).site for name in names if name}
