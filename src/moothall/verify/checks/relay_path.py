"""From inside a relay nothing serves it but its own next hop, on the way to its own gateway.

The other relays of its own council take it for one of the users whose network they stand on together.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from moothall.model.planned import Container, Plan
from moothall.verify.context import VerifyContext
from moothall.verify.inside import doors, is_hop, next_hops, probe_inside, servers
from moothall.verify.probe import ProbeReply
from moothall.verify.reachability_scan import OWN_PORT, deed, own_relays
from moothall.verify.task import Task, Verdict, verdict_on

RELAYS = ("relay", "transit")
SHUT = ("silent", "refused", "closes")
CERTIFICATE_PORTS = (18432, 16514)
"""Doors of the backup service and of the store of logs, which have lists of their own of whom they let in."""


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each relay and transit relay of the councils."""
    for stack in plan.stacks:
        for container in stack.containers:
            if container.role in RELAYS and container.council:
                yield Task(
                    id=f"hops.{container.name.partition('.')[2]}",
                    subject=f"{container.name} is served by its next hop only",
                    look=partial(_look, container),
                    council=container.council,
                    instance=container.instance,
                    sites=(stack.site,),
                )


def _look(relay: Container, context: VerifyContext) -> Verdict:
    """Judge what was reached from inside."""
    answer, hops = probe_inside(context, relay), next_hops(context.plan, relay)
    outcomes = tuple(zip(context.targets, answer.sweep, strict=True))
    problems = [*_serving_gateways(context, answer, hops), *_followable_servers(context, answer)]
    # On a link all councils' relays stand side by side: there a door opens, and the certificate decides. On the
    # council's own network a relay stands where its users do, and is one of them to the council's other relays.
    certificate_targets = {target for target, _ in doors(context)} | set(servers(context))
    user_relays = own_relays(context.plan, relay.council)
    hop_names = {target.container for target, outcome in outcomes if is_hop(target, hops) and outcome not in SHUT}
    for target, outcome in outcomes:
        is_behind_certificate = (
            target in certificate_targets or is_hop(target, hops) or target.port in CERTIFICATE_PORTS
        )
        is_own = (target.container, target.network) in user_relays and target.port == OWN_PORT
        if target.container != relay.name and outcome not in SHUT and not is_behind_certificate and not is_own:
            problems.append(f"{target.container} {deed(outcome)} at {target.address}:{target.port} ({target.network})")
    if not hop_names:
        problems.append("its own next hop was not reached, so silence proves nothing")
    silent_count = sum(outcome == "silent" for _, outcome in outcomes)
    shut_count = sum(
        target.container not in {*hops, relay.name} and outcome != "silent" for target, outcome in outcomes
    )
    passing_detail = (
        f"served by {', '.join(sorted(hop_names))}, {silent_count} doors silent, "
        f"{shut_count} refuse it or its certificate"
    )
    return verdict_on(problems, passing_detail)


def _serving_gateways(context: VerifyContext, answer: ProbeReply, hops: dict[str, set[str]]) -> Iterator[str]:
    """Yield the gateways of others that serve the relay's certificate."""
    for (target, _), greeting in zip(doors(context), answer.greetings, strict=True):
        if greeting == "serves" and target.container not in hops:
            yield f"{target.container} serves its certificate at {target.address}:{target.port}"


def _followable_servers(context: VerifyContext, answer: ProbeReply) -> Iterator[str]:
    """Yield the database servers that let the relay's certificate follow them."""
    for target, answer_of_server in zip(servers(context), answer.servers, strict=True):
        if answer_of_server == "serves":
            yield f"{target.container} lets it follow the server at {target.address}:{target.port}"
