"""What happens at each instance arrives where logs are gathered, and what was gathered is whole.

An event is planted: at each tenant, from the council's own network, a login that is refused; at each server somebody
who is not let in. Each has a name of its own for this run, which must be found in the store.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from moothall.model.planned import Plan, TenantPlan, TrailPlan
from moothall.postgres.server import DatabaseServer
from moothall.verify import trail as store
from moothall.verify.context import VerifyContext
from moothall.verify.task import Task, Verdict, verdict_on

PATIENCE_SECONDS = 30
"""How long a planted event may take to arrive: a store that was away is tried again every second or two."""
PAUSE_SECONDS = 1


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each instance with tenants, and one for the store; none where logs are not gathered."""
    trail = plan.trail
    if trail is None:
        return
    for instance in dict.fromkeys(tenant.instance for tenant in plan.tenants):
        subject = f"what happens at {instance} is gathered at {trail.site}"
        yield Task(
            f"trail.{instance}", subject, partial(_look, instance, trail), instance=instance, sites=(trail.site,)
        )
    subject = f"the logs at {trail.site} are whole"
    yield Task(f"logs.{trail.site}", subject, partial(_look_at_chain, trail), sites=(trail.site,))


def _look(instance: str, trail: TrailPlan, context: VerifyContext) -> Verdict:
    """Plant the events and wait until they are found."""
    tenants = [tenant for tenant in context.plan.tenants if tenant.instance == instance]
    expected = {f"gateway.{tenant.council}.{tenant.used}." for tenant in tenants}
    problems = [problem for tenant in tenants for problem in _refused(tenant, context)]
    expected |= set(_servers(instance, trail, context))
    began, until = time.monotonic(), time.monotonic() + PATIENCE_SECONDS
    while missing := expected - _senders(trail, expected, context):
        if time.monotonic() > until:
            problems.append(f"nothing planted for {', '.join(sorted(missing))} arrived within {PATIENCE_SECONDS} s")
            break
        time.sleep(PAUSE_SECONDS)
    passing_detail = f"the events planted at {len(tenants)} tenants and at its servers are in the store"
    return verdict_on(problems, passing_detail, time.monotonic() - began)


def _refused(tenant: TenantPlan, context: VerifyContext) -> Iterator[str]:
    """Yield why the login that was to be refused was not; the probe of the tenant's council has tried it."""
    planted = context.answer(tenant.council).tenants[tenant.instance].planted
    if planted != "refused":
        yield f"the event at {tenant.council} could not be planted: {planted or 'it does not serve'}"


def _servers(instance: str, trail: TrailPlan, context: VerifyContext) -> Iterator[str]:
    """Yield the servers, by their names as senders, that have refused somebody with the name of this run; one behind a
    fence, or down, refuses nobody."""
    for sender, container in trail.servers.items():
        if container.instance == instance:
            server = DatabaseServer(context.engine_pool.of(container.server), container.server)
            if server.refuses(context.trail_mark):
                yield sender


def _senders(trail: TrailPlan, expected: set[str], context: VerifyContext) -> set[str]:
    """Return those from whom the planted events have arrived; of a gateway the name as far as it is expected."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    question = store.Question(words=[context.trail_mark], first_day=yesterday)
    entries = store.read(context.plan, trail, context.engine_pool, question).entries
    senders = {entry.sender for entry in entries}
    return {name for name in expected if name in senders or any(s.startswith(name) for s in senders)}


def _look_at_chain(trail: TrailPlan, context: VerifyContext) -> Verdict:
    """Hold what is gathered against what was seen before, and remember it if it is sound."""
    remembered = context.trail_memory.days() if context.trail_memory else {}
    question = store.Question(marks=[seen["n"] for seen in remembered.values()], most=0)
    reply = store.read(context.plan, trail, context.engine_pool, question)
    problems = store.problems(remembered, reply, trail.keep_days, datetime.now(UTC).date())
    if problems and context.trail_memory:
        problems.append(f"what was seen of them is in {context.trail_memory.path}")
    elif context.trail_memory:
        context.trail_memory.keep(reply)
    count = sum(day["n"] - day["first"] + 1 for day in reply.days.values())
    return verdict_on(problems, f"{count} entries of {len(reply.days)} days, none changed since they were last seen")
