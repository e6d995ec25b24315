"""Who comes into a database server over the network: by which key, into which databases."""

from __future__ import annotations

import re
from datetime import date

import pytest

from moothall import paths
from moothall.compilation import compile_all
from moothall.model.planned import Container
from moothall.validation.validate import validate

DAY = date(2026, 6, 1)
BY_CERTIFICATE = re.compile(r"^hostssl .* cert (.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def containers() -> list[Container]:
    """Every container of the shipped partnership."""
    [plan] = compile_all(validate(paths.PROJECT, DAY).definitions, DAY, "northumberland-durham")
    return [container for stack in plan.stacks for container in stack.containers]


@pytest.fixture(scope="module")
def servers(containers: list[Container]) -> list[Container]:
    """Every database server."""
    return [container for container in containers if container.role == "postgres"]


@pytest.fixture(scope="module")
def backup_services(containers: list[Container]) -> list[Container]:
    """Every agent and repository."""
    return [container for container in containers if container.role in ("agent", "repository")]


def text(server: Container, name: str) -> str:
    """Return a file of a server."""
    return next(file.text for file in server.files if file.path == f"/cfg/{name}")


def test_a_certificate_is_told_by_its_key(servers: list[Container]) -> None:
    """A name alone would let in a key that was exchanged; another key is in place without a restart."""
    assert servers
    for server in servers:
        assert {rule.split(" ")[0] for rule in BY_CERTIFICATE.findall(text(server, "pg_hba.conf"))} == {"clientname=DN"}
        lines = text(server, "pg_ident.conf").splitlines()
        names = [re.fullmatch(r'(?:repl|job) "OU=(.+),CN=<<thumbprint:(.+)>>" \S+', line) for line in lines]
        assert all(found and found[1] == found[2] for found in names), lines
        assert "/cfg/pg_ident.conf" in server.leaf_files
        assert "/cfg/pg_hba.conf" not in server.leaf_files


def test_a_backup_service_lets_keys_in(backup_services: list[Container]) -> None:
    """Agents the repository, the repository agents and servers; another key is in place without a restart."""
    assert {service.role for service in backup_services} == {"agent", "repository"}
    for service in backup_services:
        heading, *lines = text(service, "pgbackrest-clients.conf").splitlines()
        found = [re.fullmatch(rf"tls-server-auth=<<thumbprint:(.+)>>={service.instance}", line) for line in lines]
        names = {each[1] for each in found if each}
        kinds = {name.partition("-")[0].partition(".")[0] for name in names}
        assert (heading, kinds) == ("[global]", {"repository"} if service.role == "agent" else {"agent", "pg"})
        assert {name.rpartition(".")[2] for name in names} == {service.instance}
        assert len(names) == len(lines)
        assert "/cfg/pgbackrest-clients.conf" in service.leaf_files
        assert "tls-server-auth" not in text(service, "pgbackrest.conf")


def test_nobody_but_a_tenant_comes_into_its_database(servers: list[Container]) -> None:
    """The last rules, in their order: the first that fits decides."""
    for server in servers:
        rules = [line.split() for line in text(server, "pg_hba.conf").splitlines()]
        assert [" ".join(rule[:3]) for rule in rules[-9:]] == [
            "host all postgres",
            "host all repl",
            "hostssl postgres provisioner",
            "host all provisioner",
            "hostssl all moothall.base_sets",
            "host all moothall.base_sets",
            "host all +moothall.frozen",
            "hostssl samerole all",
            "host all all",
        ]
        assert rules[-2][4] == "scram-sha-256"
        assert {rule[4] for rule in rules[-9:] if rule[0] == "host"} == {"reject"}
