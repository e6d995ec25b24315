"""What stands, seen from inside its containers: user, privileges, files, ports, as an auditor would look."""

from __future__ import annotations

import pytest
import testinfra
from testinfra.host import Host
from tests.live.helpers.running import Place

pytestmark = pytest.mark.live

SERVICES = {
    "mh-acceptance.erp.morpeth.postgres": 900,
    "mh-acceptance.erp.durham-dc.postgres": 900,
    "mh-acceptance.crm.morpeth.repository": 900,
    "mh-acceptance.durham.morpeth.erp-application": 910,
    "mh-acceptance.durham.morpeth.erp-gateway": 920,
    "mh-acceptance.durham.durham-dc.erp-relay": 920,
    "mh-acceptance.durham.consett.erp-transit": 920,
}
"""One container of every kind that serves, and the user it has to run as."""


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest, standing: Place) -> tuple[str, Host]:
    """One running container by name, as a host to look at."""
    assert request.param in standing.containers()
    return request.param, testinfra.get_host(f"docker://{request.param}")


def test_process_has_no_privileges(service: tuple[str, Host]) -> None:
    """Process 1 is a user of its own without any capability, and nothing it starts can gain one."""
    name, host = service
    status = dict(line.split(":", 1) for line in host.file("/proc/1/status").content_string.splitlines())

    assert set(status["Uid"].split()) == {str(SERVICES[name])}
    assert {int(status[key], 16) for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert status["NoNewPrivs"].strip() == "1"


def test_files_are_read_and_not_written(service: tuple[str, Host]) -> None:
    """Configuration belongs to root, the service reads it, and nothing outside its own places can be written."""
    _, host = service
    folder = host.file("/cfg")

    assert folder.listdir()
    for file in (host.file(f"/cfg/{name}") for name in folder.listdir()):
        assert (file.user, file.group, file.mode) == ("root", "root", 0o440), file.path
    for place in ("/cfg/new", "/etc/new", "/usr/local/bin/new", "/new"):
        assert host.run("touch %s", place).failed, place


def test_database_serves_its_own_and_only_the_primary_takes_writes(standing: Place) -> None:
    """The primary of an instance is no standby, its mirror is one, and both listen where the plan has them."""
    primary = testinfra.get_host("docker://mh-acceptance.erp.morpeth.postgres")
    standby = testinfra.get_host("docker://mh-acceptance.erp.durham-dc.postgres")
    question = "psql -h /run/postgresql -U postgres -Atc 'select pg_is_in_recovery()'"

    assert primary.check_output(question) == "f"
    assert standby.check_output(question) == "t"
    assert not standby.file("/var/lib/postgresql/data/fenced").exists


def test_tenant_key_is_nobody_elses(standing: Place) -> None:
    """The gateway of one council holds a key that no other council's gateway has."""
    gateways = [
        testinfra.get_host(f"docker://mh-acceptance.{council}.durham-dc.crm-gateway")
        for council in ("teesdale", "durham")
    ]

    first, second = (gateway.file("/cfg/user.pem").content_string for gateway in gateways)

    assert "PRIVATE KEY" in first
    assert first != second
