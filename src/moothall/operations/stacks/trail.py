"""The lines of one council, or of all, out of the store of logs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from moothall.failures import USAGE, Inconclusive, OperationError
from moothall.model.dedicated import server_name
from moothall.model.planned import Plan, TenantPlan, TrailPlan
from moothall.model.stackname import parts, stack_of
from moothall.operations.context import Context
from moothall.operations.stacks.engine_bindings import reach
from moothall.plan import naming
from moothall.verify import trail as store


def gathered(
    context: Context, plan: Plan, council: str | None, since: str, until: str, most: int
) -> tuple[store.Reply, list[str]]:
    """Return what the store has from one time to another (ISO 8601), and what is wrong with its chain.

    A sound chain is remembered. Raises OperationError when there is no store, it does not answer, or the council has no
    tenant.
    """
    from moothall.docker_engine.pool import EnginePool

    trail = plan.trail
    if trail is None:
        raise OperationError(
            f"The logs of {plan.partnership} are gathered nowhere: they go with the containers.",
            hint="logs: {site: SITE, keep: 365d}  # in partnership.yaml, then `moothall up`",
            exit_code=USAGE,
        )
    memory = store.memory(context.state, plan)
    assert memory is not None
    try:
        remembered = memory.days()
        marks = [seen["n"] for seen in remembered.values()]
        question = _question(plan, trail, council, marks, since, until, most)
        reply = store.read(plan, trail, EnginePool(plan, reach(context, plan).engines), question)
    except Inconclusive as reason:
        raise OperationError(f"The logs cannot be read: {reason}", hint="moothall verify") from reason
    problems = store.problems(remembered, reply, trail.keep_days, datetime.now(UTC).date())
    if problems:
        problems.append(f"what was seen of them is in {memory.path}")
    else:
        memory.keep(reply)
    return reply, problems


def _question(
    plan: Plan, trail: TrailPlan, council: str | None, marks: list[int], since: str, until: str, most: int
) -> store.Question:
    if council is None:
        return store.Question(words=[""], since=since, until=until, marks=marks, most=most)
    gateways, databases = senders_of(plan, trail, council)
    return store.Question(gateways, databases, since=since, until=until, marks=marks, most=most)


def senders_of(plan: Plan, trail: TrailPlan, council: str) -> tuple[list[str], dict[str, list[str]]]:
    """Return the senders that say of a council alone, and the names of its databases by the server that says of them.

    Raises OperationError when it has no tenant.
    """
    tenants = [tenant for tenant in plan.tenants if tenant.council == council]
    if not tenants:
        raise OperationError(
            f"{council} has no tenant in {plan.partnership} on {plan.as_of}.",
            hint="moothall trail COUNCIL  # one of: " + ", ".join(sorted({t.council for t in plan.tenants})),
            exit_code=USAGE,
        )
    gateways = [leaf for leaf in plan.leaves for t in tenants if leaf.startswith(f"gateway.{council}.{t.used}.")]
    databases = {server: [tenant.database] for tenant in tenants for server in _servers(trail, tenant)}
    return gateways, databases


def _servers(trail: TrailPlan, tenant: TenantPlan) -> Iterator[str]:
    """Yield the servers that a tenant is on, or was before it moved, by their names as senders."""
    for server in trail.servers.values():
        if server.instance == tenant.used:
            for instance in (tenant.used, server_name(tenant.used, tenant.council)):
                yield naming.server(instance, parts(stack_of(server.server)).site)
