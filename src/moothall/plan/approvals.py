"""Who has to agree to a change of each stack: it follows from who owns, runs, hosts and uses what stands in it.

A site concerns its owner and who runs it; an instance its host, and the owners of the sites where it stands; a server
that a council has for itself in one the council as well; a council's own stacks the council, the hosts of what it
uses, and the owner of the site they pass. An organisation that councils own together agrees through each of them. Data
that is lost also concerns the councils whose it is, and those who answer for the personal data in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from moothall.model.dedicated import is_dedicated, owner
from moothall.model.planned import Stack
from moothall.model.resolved import Partnership


def approvals(partnership: Partnership, stacks: Iterable[Stack]) -> Mapping[str, tuple[str, ...]]:
    """Return, for the name of each stack, the councils and organisations that have to agree, by name."""
    return {stack.name: _agreeing_parties(partnership, stack) for stack in stacks}


def data_owners(partnership: Partnership) -> Mapping[str, tuple[str, ...]]:
    """Return, for the name of each instance, its tenants and those who answer for their personal data."""
    owners: dict[str, set[str]] = {}
    for tenant in partnership.tenants:
        for party in (tenant.council, *tenant.data_owners):
            owners.setdefault(tenant.instance, set()).update(_owners(partnership, party))
    return {instance: tuple(sorted(parties)) for instance, parties in owners.items()}


def _agreeing_parties(partnership: Partnership, stack: Stack) -> tuple[str, ...]:
    return tuple(
        sorted({owner for party in _concerned_parties(partnership, stack) for owner in _owners(partnership, party)})
    )


def _concerned_parties(partnership: Partnership, stack: Stack) -> Iterator[str]:
    site = partnership.sites[stack.site]
    yield site.owner
    if stack.kind == "site":
        yield site.operator
    if stack.kind == "instance":
        yield partnership.instances[stack.unit].host
        if is_dedicated(stack.unit):
            yield owner(stack.unit)
    if stack.council:
        yield stack.council
        for container in stack.containers:
            if container.instance:
                yield partnership.instances[container.instance].host


def _owners(partnership: Partnership, party: str) -> tuple[str, ...]:
    """Return the party itself, or those who own it together."""
    return partnership.owners.get(party, (party,))
