"""Wait until tenants can be logged in to, and say so as soon as it is true."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain

from moothall.model.outcome import COULD_NOT_RUN, Result
from moothall.model.planned import Plan, TenantPlan
from moothall.ports import Progress, Silent, Vault
from moothall.verify.checks.login import verdict
from moothall.verify.engine import Engine
from moothall.verify.probe import Order, probe
from moothall.verify.scene import place, tenant_order
from moothall.verify.task import CouldNotRun, Verdict


def wait_ready(
    plan: Plan,
    vault: Vault,
    host: str,
    tenants: Sequence[TenantPlan],
    deadline_seconds: float = 60.0,
    progress: Progress | None = None,
) -> tuple[Result, ...]:
    """Return, for each of `tenants`, whether its council could log in within `deadline_seconds`.

    One probe for each council is started at once, on the council's own network, and asks every 0.3 s.
    """
    councils: dict[str, list[TenantPlan]] = {}
    for tenant in tenants:
        councils.setdefault(tenant.council, []).append(tenant)
    if not councils:
        return ()
    engine = Engine(host)
    wait = partial(_wait, plan, vault, engine, deadline_seconds, progress or Silent())
    with ThreadPoolExecutor(len(councils)) as pool:
        return tuple(chain.from_iterable(pool.map(wait, councils.values())))


def _wait(
    plan: Plan, vault: Vault, engine: Engine, deadline_seconds: float, progress: Progress, tenants: list[TenantPlan]
) -> list[Result]:
    """Wait for the tenants of one council."""
    begun = time.monotonic()
    orders = tuple(tenant_order(tenant, vault, proofs=False) for tenant in tenants)
    try:
        order = Order(orders, deadline_seconds=deadline_seconds)
        answer = probe(engine, place(plan, tenants[0]), order, vault.authority())
        verdicts = [verdict(tenant, dict(answer.tenants[tenant.instance])) for tenant in tenants]
    except CouldNotRun as reason:
        verdicts = [Verdict(COULD_NOT_RUN, str(reason)) for _ in tenants]
    took = round(time.monotonic() - begun, 3)
    for tenant in tenants:
        progress.finished(f"{tenant.council}.{tenant.instance}", "log in", took)
    return [
        Result(
            f"login.{tenant.council}.{tenant.instance}",
            f"{tenant.council_title} logs in to {tenant.instance_title}",
            seen.status,
            seen.detail,
            took,
        )
        for tenant, seen in zip(tenants, verdicts, strict=True)
    ]
