"""From a council's own network nothing of the partnership answers but the council's own relays."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.planned import Plan
from moothall.verify.context import VerifyContext
from moothall.verify.reachability_scan import breaches, names_beyond
from moothall.verify.task import Task, Verdict, verdict_on
from moothall.verify.tenants import council_tasks


def tasks(plan: Plan) -> Iterator[Task]:
    """Return a task for each council with a tenant."""
    return council_tasks("isolation", plan, "reaches its own tenants only", _look)


def _look(council: str, context: VerifyContext) -> Verdict:
    """Judge what the council's probe reached."""
    answer = context.answer(council)
    sweep = answer.sweep
    problems = breaches(context.plan, council, zip(context.targets, sweep, strict=True))
    problems += names_beyond(context.plan, council, answer.names)
    problems += [
        f"it has the IPv6 address {address}, over which nothing is looked at" for address in answer.addresses_v6
    ]
    addresses = len({target.address for target in context.targets})
    passing_detail = (
        f"{len(sweep)} ports at {addresses} addresses and {len(context.names)} names tried, only its own relays answer"
    )
    return verdict_on(problems, passing_detail)
