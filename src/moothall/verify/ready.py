"""Wait until tenants can be logged in to, and say so as soon as it is true."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain

from moothall.failures import Failure
from moothall.model.outcome import COULD_NOT_RUN, PASSED, Result
from moothall.model.planned import Plan, TenantPlan
from moothall.ports import Progress, Silent, Vault
from moothall.verify.checks.login import verdict
from moothall.verify.engine import Engine
from moothall.verify.probe import Order, probe, sweep_up
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
    ask = partial(_ask, plan, vault, Engine(host), deadline_seconds)
    with ThreadPoolExecutor(len(councils)) as pool:
        results = tuple(chain.from_iterable(pool.map(ask, councils.values())))
    for result in results:
        _tell(progress or Silent(), result)
    return results


def clear_probes(host: str, partnership: str) -> None:
    """Remove the probes that a killed `verify` or `up` has left on the partnership's networks.

    `verify` does so itself. Raises Failure when the engine does not answer.
    """
    try:
        sweep_up(Engine(host), partnership)
    except CouldNotRun as reason:
        raise Failure(str(reason), left="Nothing was changed.", mend="moothall doctor") from reason


def _ask(plan: Plan, vault: Vault, engine: Engine, deadline_seconds: float, tenants: list[TenantPlan]) -> list[Result]:
    """Wait for the tenants of one council."""
    begun = time.monotonic()
    orders = tuple(tenant_order(tenant, vault, proofs=False) for tenant in tenants)
    try:
        order = Order(orders, deadline_seconds=deadline_seconds)
        answer = probe(engine, place(plan, tenants[0]), order, vault.authority())
        verdicts = [verdict(tenant, answer.tenants[tenant.instance]) for tenant in tenants]
    except CouldNotRun as reason:
        verdicts = [Verdict(COULD_NOT_RUN, str(reason)) for _ in tenants]
    took = round(time.monotonic() - begun, 3)
    return [_result(tenant, seen, took) for tenant, seen in zip(tenants, verdicts, strict=True)]


def _result(tenant: TenantPlan, seen: Verdict, took: float) -> Result:
    """Return the result under the id that `verify` gives to the same login."""
    return Result(
        f"login.{tenant.council}.{tenant.instance}",
        f"{tenant.council_title} logs in to {tenant.instance_title}",
        seen.status,
        seen.detail,
        took,
    )


def _tell(progress: Progress, result: Result) -> None:
    """Report one login."""
    if result.status == PASSED:
        progress.finished(result.id, "log in", result.seconds)
    else:
        progress.failed(result.id, "log in", result.detail)
