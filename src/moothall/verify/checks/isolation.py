"""From a council's own network nothing of the partnership answers but the council's own relays."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.planned import Plan
from moothall.verify.context import VerifyContext
from moothall.verify.reachability_scan import breaches, names_beyond
from moothall.verify.task import Task, Verdict, judged
from moothall.verify.tenants import council_tasks


def tasks(plan: Plan) -> Iterator[Task]:
    """Return a task for each council with a tenant."""
    return council_tasks("isolation", plan, "reaches its own tenants only", _look)


def _look(council: str, context: VerifyContext) -> Verdict:
    """Judge what the council's probe reached."""
    answer = context.answer(council)
    swept = answer.sweep
    wrong = breaches(context.plan, council, zip(context.targets, swept, strict=True))
    wrong += names_beyond(context.plan, council, answer.names)
    wrong += [f"it has the IPv6 address {address}, over which nothing is looked at" for address in answer.addresses_v6]
    addresses = len({target.address for target in context.targets})
    good = (
        f"{len(swept)} ports at {addresses} addresses and {len(context.names)} names tried, only its own relays answer"
    )
    return judged(wrong, good)
