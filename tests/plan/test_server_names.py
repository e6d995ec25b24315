"""Whom a client asks for is in its own server's certificate and in no other's, over all that a partnership has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from moothall import paths
from moothall.compilation import compile_all
from moothall.model.planned import Attachment, Container, Plan
from moothall.validation.validate import validate

DAY = date(2026, 11, 22)
PLANS = compile_all(validate(paths.PROJECT, DAY).definitions, DAY)
ASKED = {
    "trytond.conf": re.compile(r"@([^:/@]+):5432/"),
    "pgbackrest.conf": re.compile(r"^(?:repo|pg)[0-9]+-host=(.+)$", re.MULTILINE),
    "haproxy.cfg": re.compile(r"\bverifyhost (\S+)"),
}
"""Where a client's files say whom it asks for."""
LISTENS = {"postgres": "server.crt", "agent": "server.crt", "repository": "server.crt", "gateway": "link.pem"}
"""The file with which each role answers who asks for it by name over mutual TLS or as a database."""


def asked_for(container: Container) -> Iterator[str]:
    """Yield the names whose certificates a container wants to see, of what it dials itself."""
    for file in container.files:
        if pattern := ASKED.get(file.path.removeprefix("/cfg/")):
            yield from pattern.findall(file.text)
    yield from filter(None, (container.environment.get(name) for name in ("PEER", "PGHOST")))


def shown(container: Container, plan: Plan) -> set[str]:
    """Return the names in the certificate that a server shows."""
    file = next(file for file in container.files if file.path == f"/cfg/{LISTENS[container.role]}")
    found = re.search("<<certificate:([^>]+)>>", file.text)
    assert found
    return set(plan.leaves[found[1]].dns_names)


def containers(plan: Plan) -> list[Container]:
    """Return every container of a plan."""
    return [container for stack in plan.stacks for container in stack.containers]


@pytest.mark.parametrize("plan", PLANS, ids=[plan.partnership for plan in PLANS])
def test_no_two_certificates_share_a_name(plan: Plan) -> None:
    """So the key of one server never serves as another's, nor that of one instance as one of another.

    What a council's people see names its one loopback address too, of each instance that it uses.
    """
    names = Counter(name for leaf in plan.certificates for name in set(leaf.dns_names) or {leaf.name})
    assert [name for name, count in names.items() if count > 1] == []
    owners = {(address, leaf.name.rpartition(".")[0]) for leaf in plan.certificates for address in leaf.addresses}
    assert len({address for address, _ in owners}) == len(owners)


@pytest.mark.parametrize("plan", PLANS, ids=[plan.partnership for plan in PLANS])
def test_who_is_asked_for_is_who_answers(plan: Plan) -> None:
    """Each name that a client wants to see is in the certificate of one server: of its own instance, of its tenant."""
    servers = [container for container in containers(plan) if container.role in LISTENS]
    asked = [(container, name) for container in containers(plan) for name in asked_for(container)]
    for client, name in asked:
        [server] = [server for server in servers if name in shown(server, plan)]
        assert server.instance == client.instance, (client.name, name)
        assert server.council in (None, client.council), (client.name, name)


@pytest.mark.parametrize("plan", PLANS, ids=[plan.partnership for plan in PLANS])
def test_a_name_leads_to_one_place_on_a_network(plan: Plan) -> None:
    """Nobody is known by another's name there: each is the server itself, or the relay on the way to it."""
    places: Counter[tuple[str, str]] = Counter()
    for container in containers(plan):
        place: Attachment
        for place in container.networks:
            places.update((place.network, alias) for alias in place.aliases)
    assert [place for place, count in places.items() if count > 1] == []


def test_the_clients_are_found() -> None:
    """Otherwise nothing above could fail."""
    asked = {
        (container.role, name) for plan in PLANS for container in containers(plan) for name in asked_for(container)
    }
    assert {
        ("application", "pg-morpeth.erp"),
        ("prepare", "pg-morpeth.erp"),
        ("postgres", "repository.erp"),
        ("relay", "gateway.durham.erp.morpeth"),
    } <= asked, sorted(asked)
    assert {role for role, _ in asked} >= {"application", "prepare", "postgres", "agent", "repository", "relay"}
