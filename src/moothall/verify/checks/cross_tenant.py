"""Of every ordered pair of councils, the one reaches nothing of the other: the whole matrix, each edge tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from moothall.failures import Inconclusive
from moothall.model.planned import Plan
from moothall.payloads.probe.roles import AT_THE_DOOR
from moothall.verify.context import VerifyContext, planned_container
from moothall.verify.inside import beside, doors, identities, inside
from moothall.verify.reachability_matrix import (
    DATABASE,
    FILES,
    GATEWAY,
    KINDS,
    NAME,
    PORT,
    containers_of,
    councils,
    edges,
    gateway_of,
    port_of,
    tenants_of,
)
from moothall.verify.reachability_scan import deed
from moothall.verify.task import Task, Verdict, failed, passed
from moothall.verify.volume_users import mounted_by

Tried = tuple[tuple[str, str], str]
"""What was tried, by kind and what, and how it was reached: "" where it was not."""


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
    tried = dict(_tried(context, council, owner))
    # What was reached beyond the matrix counts too: an owner's container on a network where it has no place.
    reached = [f"{council} {how}" for how in tried.values() if how]
    counted = Counter(edge.kind for edge in expected if (edge.kind, edge.what) in tried)
    missing = sorted({edge.kind for edge in expected} - counted.keys())
    if reached:
        return failed("; ".join(reached))
    if missing:
        raise Inconclusive(f"no {' and no '.join(missing)} of {owner} could be tried: nothing of it answers anybody")
    return passed(", ".join(f"{counted[kind]} {kind}" for kind in KINDS if counted[kind]) + ": all tried, all refused")


def _tried(context: VerifyContext, council: str, owner: str) -> Iterator[Tried]:
    """Yield everything of the owner's that was tried as the council."""
    theirs = {container.name: container for container in containers_of(context.plan, owner)}
    answer = context.answer(council)
    for target, outcome in zip(context.targets, answer.sweep, strict=True):
        if target.container in theirs:
            what = port_of(target.container, target.network, target.port)
            yield (PORT, what), "" if outcome == "silent" else f"reaches {what}: it {deed(outcome)}"
    for name in {name for c in theirs.values() for place in c.networks for name in (c.name, *place.aliases)}:
        address = answer.names.get(name)
        yield (NAME, name), f"finds {name} at {address}" if address else ""
    for name in theirs:
        mounting = [
            c.name for c in containers_of(context.plan, council) if c.name in mounted_by(context.containers, name)
        ]
        yield (FILES, name), f"has the files of {name} mounted in {', '.join(mounting)}" if mounting else ""
    yield from _gateways(context, council, owner)
    yield from _databases(context, council, owner)


def _gateways(context: VerifyContext, council: str, owner: str) -> Iterator[Tried]:
    """Yield what the owner's gateways said to the certificates of the council's relays, from inside these."""
    theirs = {container.name for container in containers_of(context.plan, owner)}
    for relay, identity in identities(context.plan, council).items():
        answer = inside(context, planned_container(context.plan, relay))
        for (target, _), said in zip(doors(context), answer.greetings, strict=True):
            if target.container in theirs:
                what = gateway_of(target.container, identity)
                yield (GATEWAY, what), f"opens {target.container} with {identity}" if said == "serves" else ""


def _databases(context: VerifyContext, council: str, owner: str) -> Iterator[Tried]:
    """Yield how the council's roles fared at the owner's databases."""
    others = {tenant.instance: tenant.database for tenant in tenants_of(context.plan, owner)}
    for tenant in tenants_of(context.plan, council):
        other = others.get(tenant.instance)
        if other is not None:
            seen = beside(context, tenant.instance).roles[tenant.database]
            how = seen.doors[other]
            granted = [deed for deed in seen.wrong if deed in (f"is a member of {other}", f"may connect to {other}")]
            trouble = [*([] if how == AT_THE_DOOR else [f"at the database {other}: {how}"]), *granted]
            yield (DATABASE, f"{tenant.instance}/{other}"), "; ".join(trouble)
