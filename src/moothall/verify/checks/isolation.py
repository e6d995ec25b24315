"""From a council's own network nothing of the partnership answers but the council's own relays."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from moothall.model.planned import Plan
from moothall.verify.scene import Scene
from moothall.verify.sweep import breaches, names_beyond
from moothall.verify.task import Task, Verdict, judged
from moothall.verify.tenants import sites_of


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each council with a tenant."""
    titles = {tenant.council: tenant.council_title for tenant in plan.tenants}
    for council, title in titles.items():
        sites = {site for tenant in plan.tenants if tenant.council == council for site in sites_of(plan, tenant)}
        yield Task(
            id=f"isolation.{council}",
            subject=f"{title} reaches its own tenants only",
            look=partial(_look, council),
            council=council,
            sites=tuple(sorted(sites)),
        )


def _look(council: str, scene: Scene) -> Verdict:
    """Judge what the council's probe reached."""
    answer = scene.answer(council)
    swept = answer.sweep
    wrong = breaches(scene.plan, council, zip(scene.targets, swept, strict=True))
    wrong += names_beyond(scene.plan, council, answer.names)
    wrong += [f"it has the IPv6 address {address}, over which nothing is looked at" for address in answer.addresses_v6]
    addresses = len({target.address for target in scene.targets})
    good = f"{len(swept)} ports at {addresses} addresses and {len(scene.names)} names tried, only its own relays answer"
    return judged(wrong, good)
