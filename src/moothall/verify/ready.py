"""Wait until tenants can be logged in to, and say so as soon as it is true."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import chain

from moothall.failures import Failure
from moothall.model.engines import Endpoint, Engines
from moothall.model.outcome import COULD_NOT_RUN, PASSED, Result
from moothall.model.planned import Plan, TenantPlan
from moothall.ports import Progress, Silent, Vault
from moothall.verify.checks.login import verdict
from moothall.verify.crew import Crew
from moothall.verify.engine import Engine
from moothall.verify.gate import Gate
from moothall.verify.probe import Order, probe
from moothall.verify.scene import place, tenant_order
from moothall.verify.task import CouldNotRun, Verdict
from moothall.verify.throwaway import sweep_up


def wait_ready(
    plan: Plan,
    vault: Vault,
    engines: Engines,
    tenants: Sequence[TenantPlan],
    deadline_seconds: float = 60.0,
    progress: Progress | None = None,
    gate: Gate | None = None,
) -> tuple[Result, ...]:
    """Return, for each of `tenants`, whether its council could log in within `deadline_seconds`.

    One probe for each council is started at once, on the council's own network, and asks every 0.3 s; with a `gate` for
    that many, from when it opens. Afterwards, when nobody waits any more, those that a killed run has left are removed.
    """
    councils = by_council(tenants)
    if not councils:
        return ()
    crew = Crew(plan, engines)
    ask = partial(_ask, plan, vault, crew, deadline_seconds, gate)
    with ThreadPoolExecutor(len(councils)) as pool:
        results = tuple(chain.from_iterable(pool.map(ask, councils.values())))
    for result in results:
        _tell(progress or Silent(), result)
    for engine in {crew.of_network(tenant.network) for tenant in tenants}:
        with suppress(CouldNotRun):  # that it is silent is told already
            sweep_up(engine, plan.partnership)
    return results


def by_council(tenants: Iterable[TenantPlan]) -> dict[str, list[TenantPlan]]:
    """Return the tenants of each council."""
    councils: dict[str, list[TenantPlan]] = {}
    for tenant in tenants:
        councils.setdefault(tenant.council, []).append(tenant)
    return councils


def clear_probes(host: Endpoint | str, partnership: str) -> None:
    """Remove the probes that a killed run has left on the partnership's networks, which cannot go while they are there.

    `verify` and `wait_ready` do so themselves. Raises Failure when the engine does not answer.
    """
    try:
        sweep_up(Engine(host), partnership)
    except CouldNotRun as reason:
        raise Failure(str(reason), left="Nothing was changed.", mend="moothall doctor") from reason


def _ask(
    plan: Plan, vault: Vault, crew: Crew, deadline_seconds: float, gate: Gate | None, tenants: list[TenantPlan]
) -> list[Result]:
    """Wait for the tenants of one council."""
    begun = time.monotonic()
    orders = tuple(tenant_order(tenant, vault, proofs=False) for tenant in tenants)
    try:
        order = Order(orders, deadline_seconds=deadline_seconds)
        answer = probe(crew.of_network(tenants[0].network), place(plan, tenants[0]), order, vault.authority(), gate)
    except CouldNotRun as reason:
        if gate:
            gate.arrive()  # nobody needs to wait for this one
        took = round(time.monotonic() - begun, 3)
        return [_result(tenant, Verdict(COULD_NOT_RUN, str(reason)), took) for tenant in tenants]
    whole = time.monotonic() - begun
    seen = [(tenant, answer.tenants[tenant.instance]) for tenant in tenants]
    # One that was held has counted from the word on; of another the start is a part of what was waited for.
    return [_result(t, verdict(t, each), round(each.waited + each.seconds if gate else whole, 3)) for t, each in seen]


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
