"""Wait until tenants can be logged in to, and say so as soon as it is true."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import chain

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.docker_engine.stale import LABEL, remove_stale
from moothall.failures import Inconclusive, OperationError
from moothall.model.engines import Endpoint, Engines
from moothall.model.outcome import COULD_NOT_RUN, PASSED, SKIPPED, CheckResult
from moothall.model.planned import Plan, TenantPlan
from moothall.ports import Progress, Silent, Vault
from moothall.verify.checks.login import verdict
from moothall.verify.context import place, tenant_order
from moothall.verify.deployed import UNTOUCHED, removal, statuses
from moothall.verify.gate import Gate
from moothall.verify.probe import Order, probe
from moothall.verify.task import Verdict


def wait_ready(
    plan: Plan,
    vault: Vault,
    engines: Engines,
    tenants: Sequence[TenantPlan],
    deadline_seconds: float = 60.0,
    progress: Progress | None = None,
    gate: Gate | None = None,
) -> tuple[CheckResult, ...]:
    """Return, for each of `tenants`, whether its council could log in within `deadline_seconds`.

    One probe for each council is started at once, on the council's own network, and asks every 0.3 s; with a `gate` for
    that many, from when it opens. A council whose own relay does not run is not waited for: its result is `skipped`.
    Afterwards, when nobody waits any more, those that a killed run has left are removed.
    """
    if not tenants:
        return ()
    engine_pool, report = EnginePool(plan, engines), partial(_report, progress or Silent())
    unreachable_results = [
        _unreachable_result(tenant, status) for tenant, status in _tenants_without_relay(tenants, engine_pool)
    ]
    for result in unreachable_results:
        report(result)
    reachable_tenants = by_council(
        tenant for tenant in tenants if _id(tenant) not in {result.id for result in unreachable_results}
    )
    for _ in by_council(tenants).keys() - reachable_tenants.keys() if gate else ():
        gate.arrive()  # type: ignore[union-attr]  # nobody comes for these
    probe_council = partial(_probe_council, plan, vault, engine_pool, deadline_seconds, gate)
    with ThreadPoolExecutor(max(1, len(reachable_tenants))) as pool:
        probe_results = list(chain.from_iterable(pool.map(probe_council, reachable_tenants.values())))
    for result in probe_results:
        report(result)
    for engine in {engine_pool.of_network(tenant.network) for tenant in tenants}:
        with suppress(Inconclusive):  # that it is silent is told already
            remove_stale(engine, plan.partnership)
    results_by_id = {result.id: result for result in (*probe_results, *unreachable_results)}
    return tuple(results_by_id[_id(tenant)] for tenant in tenants)


def _tenants_without_relay(tenants: Sequence[TenantPlan], engine_pool: EnginePool) -> Iterator[tuple[TenantPlan, str]]:
    """Yield the tenants whose relay an engine that answers does not run, and what it says of it instead."""
    engines = {engine_pool.of(tenant.relay) for tenant in tenants}
    statuses_by_engine = {engine: statuses([engine]) for engine in engines}
    for tenant in tenants:
        engine_statuses = statuses_by_engine[engine_pool.of(tenant.relay)]
        status = engine_statuses.get(tenant.relay, "missing")
        if engine_statuses and status not in ("running", "restarting"):
            yield tenant, status


def _unreachable_result(tenant: TenantPlan, status: str) -> CheckResult:
    """Return the result for a council that cannot be reached from its own side."""
    detail = (
        f"its own relay, {tenant.relay}, is {status}: nobody is reached from there. "
        "When it runs again it leads to the site that serves then, and nothing else is to be done"
    )
    return _result(tenant, Verdict(SKIPPED, detail), 0.0)._replace(hint="moothall up --yes")


def by_council(tenants: Iterable[TenantPlan]) -> dict[str, list[TenantPlan]]:
    """Return the tenants of each council."""
    councils: dict[str, list[TenantPlan]] = {}
    for tenant in tenants:
        councils.setdefault(tenant.council, []).append(tenant)
    return councils


def clear_probes(host: Endpoint | str, partnership: str) -> None:
    """Remove the probes that a killed run has left on the partnership's networks, which cannot go while they are there.

    `verify` and `wait_ready` do so themselves. Raises OperationError when the engine does not answer, or does not
    remove one.
    """
    engine = Engine(host)
    try:
        remove_stale(engine, partnership)
    except Inconclusive as reason:
        raise OperationError(
            str(reason), state=UNTOUCHED, hint=removal(engine, f"label={LABEL}={partnership}")
        ) from reason


def _probe_council(
    plan: Plan,
    vault: Vault,
    engine_pool: EnginePool,
    deadline_seconds: float,
    gate: Gate | None,
    tenants: list[TenantPlan],
) -> list[CheckResult]:
    """Wait for the tenants of one council."""
    start = time.monotonic()
    orders = tuple(tenant_order(tenant, vault, proofs=False) for tenant in tenants)
    try:
        order = Order(orders, deadline_seconds=deadline_seconds)
        answer = probe(
            engine_pool.of_network(tenants[0].network), place(plan, tenants[0]), order, vault.people_authority(), gate
        )
    except Inconclusive as reason:
        if gate:
            gate.arrive()  # nobody needs to wait for this one
        seconds = round(time.monotonic() - start, 3)
        return [_result(tenant, Verdict(COULD_NOT_RUN, str(reason)), seconds) for tenant in tenants]
    total_seconds = time.monotonic() - start
    replies = [(tenant, answer.tenants[tenant.instance]) for tenant in tenants]
    # One that was held has counted from the word on; of another the start is a part of what was waited for.
    return [
        _result(t, verdict(t, reply), round(reply.waited_seconds + reply.seconds if gate else total_seconds, 3))
        for t, reply in replies
    ]


def _result(tenant: TenantPlan, login_verdict: Verdict, seconds: float) -> CheckResult:
    """Return the result under the id that `verify` gives to the same login."""
    return CheckResult(
        _id(tenant),
        f"{tenant.council_title} logs in to {tenant.instance_title}",
        login_verdict.status,
        login_verdict.detail,
        seconds,
    )


def _id(tenant: TenantPlan) -> str:
    return f"login.{tenant.council}.{tenant.instance}"


def _report(progress: Progress, result: CheckResult) -> None:
    """Report one login."""
    if result.status == SKIPPED:
        progress.stage(f"{result.subject}: {result.detail}")
    elif result.status == PASSED:
        progress.finished(result.id, "log in", result.seconds)
    else:
        progress.failed(result.id, "log in", result.detail)
