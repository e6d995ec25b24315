"""Of every ordered pair of councils, the one reaches nothing of the other: the whole matrix, each edge tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from moothall.failures import Inconclusive
from moothall.model.planned import Plan
from moothall.verify.context import VerifyContext, planned_container
from moothall.verify.inside import applications, doors, identities, probe_beside, probe_inside
from moothall.verify.reachability_matrix import (
    APPLICATION,
    DATABASE,
    FILES,
    GATEWAY,
    KINDS,
    NAME,
    PORT,
    application_of,
    containers_of,
    councils,
    edges,
    gateway_of,
    port_of,
    tenants_of,
)
from moothall.verify.reachability_scan import deed
from moothall.verify.task import Task, Verdict, failed_verdict, passed_verdict
from moothall.verify.volume_users import mounted_by

Attempt = tuple[tuple[str, str], str]
"""What was tried, by kind and subject, and how it was reached: "" where it was not."""


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each ordered pair of councils with a tenant."""
    names = councils(plan)
    for council in names:
        for owner in names:
            if council != owner:
                yield Task(
                    id=f"isolation.{council}.{owner}",
                    subject=f"{council} reaches nothing of {owner}",
                    look=partial(_look, council, owner),
                    council=council,
                )


def _look(council: str, owner: str, context: VerifyContext) -> Verdict:
    """Hold what was tried against the matrix."""
    expected = tuple(edges(context.plan, council, owner))
    attempts = dict(_attempts(context, council, owner))
    # What was reached beyond the matrix counts too: an owner's container on a network where it has no place.
    reach_descriptions = [f"{council} {how}" for how in attempts.values() if how]
    counts = Counter(edge.kind for edge in expected if (edge.kind, edge.what) in attempts)
    missing_kinds = sorted({edge.kind for edge in expected} - counts.keys())
    if reach_descriptions:
        return failed_verdict("; ".join(reach_descriptions))
    if missing_kinds:
        raise Inconclusive(
            f"no {' and no '.join(missing_kinds)} of {owner} could be tried: nothing of it answers anybody"
        )
    return passed_verdict(
        ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]) + ": all tried, all refused"
    )


def _attempts(context: VerifyContext, council: str, owner: str) -> Iterator[Attempt]:
    """Yield everything of the owner's that was tried as the council."""
    owner_containers = {container.name: container for container in containers_of(context.plan, owner)}
    answer = context.answer(council)
    for target, outcome in zip(context.targets, answer.sweep, strict=True):
        if target.container in owner_containers:
            what = port_of(target.container, target.network, target.port)
            yield (PORT, what), "" if outcome == "silent" else f"reaches {what}: it {deed(outcome)}"
    for name in {name for c in owner_containers.values() for place in c.networks for name in (c.name, *place.aliases)}:
        address = answer.names.get(name)
        yield (NAME, name), f"finds {name} at {address}" if address else ""
    for name in owner_containers:
        mounting_containers = [
            c.name for c in containers_of(context.plan, council) if c.name in mounted_by(context.containers, name)
        ]
        yield (
            (FILES, name),
            f"has the files of {name} mounted in {', '.join(mounting_containers)}" if mounting_containers else "",
        )
    yield from _gateways(context, council, owner)
    yield from _applications(context, council, owner)
    yield from _databases(context, council, owner)


def _gateways(context: VerifyContext, council: str, owner: str) -> Iterator[Attempt]:
    """Yield what the owner's gateways said to the certificates of the council's relays, from inside these."""
    owner_names = {container.name for container in containers_of(context.plan, owner)}
    for relay, identity in identities(context.plan, council).items():
        answer = probe_inside(context, planned_container(context.plan, relay))
        for (target, _), greeting in zip(doors(context), answer.greetings, strict=True):
            if target.container in owner_names:
                what = gateway_of(target.container, identity)
                yield (GATEWAY, what), f"opens {target.container} with {identity}" if greeting == "serves" else ""


def _applications(context: VerifyContext, council: str, owner: str) -> Iterator[Attempt]:
    """Yield how the owner's applications received somebody on their network who is not their gateway."""
    names = {tenant.application for tenant in tenants_of(context.plan, owner)}
    for tenant in tenants_of(context.plan, council):
        knocked = applications(context, tenant.instance)
        for target, outcome in zip(knocked, probe_beside(context, tenant.instance).sweep, strict=False):
            if target.container in names:
                what = application_of(target.container, target.network)
                yield (APPLICATION, what), f"is served by {what}, past its gateway" if outcome == "open" else ""


def _databases(context: VerifyContext, council: str, owner: str) -> Iterator[Attempt]:
    """Yield how the council's roles fared at the owner's databases."""
    others = {tenant.instance: tenant.database for tenant in tenants_of(context.plan, owner)}
    for tenant in tenants_of(context.plan, council):
        other = others.get(tenant.instance)
        if other is not None:
            role_reply = probe_beside(context, tenant.instance).roles[tenant.database]
            how = role_reply.doors[other]
            grants = [
                deed
                for deed in role_reply.excess_powers
                if deed in (f"is a member of {other}", f"may connect to {other}")
            ]
            trouble = [*([f"at the database {other}: {how}"] if how else []), *grants]
            yield (DATABASE, f"{tenant.instance}/{other}"), "; ".join(trouble)
