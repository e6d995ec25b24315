"""What one tenant can take of its server leaves room for all others, by the numbers of the plan and of the images."""

from __future__ import annotations

import re
from datetime import date
from operator import itemgetter
from pathlib import Path

from moothall import paths
from moothall.compilation import compile_all
from moothall.docker_engine.hardening import pids_limit
from moothall.plan.config import postgres
from moothall.plan.containers import AGENT, POSTGRES, REPOSITORY
from moothall.validation.validate import validate

DAY = date(2026, 11, 22)
IMAGES = Path(__file__).resolve().parents[2] / "images"


def setting(name: str) -> str:
    """Return what `postgresql.conf` says."""
    text = postgres.server("erp", archive=True, may_lose=None, waits_for=None)
    found = re.search(rf"^{name} = '?([^'\n]*)'?$", text, re.MULTILINE)
    assert found, name
    return found.group(1)


def test_the_job_gives_a_tenant_as_many_sessions_as_the_plan_counts() -> None:
    """The image has the number, and so has the plan, from which the server's memory follows."""
    given = re.search(r"^CONNECTIONS = (\d+)$", (IMAGES / "tryton/lib/tenant/server.py").read_text(), re.MULTILINE)

    assert given and int(given.group(1)) == postgres.TENANT_CONNECTIONS


def test_sessions_of_one_tenant_do_not_fill_the_servers_memory() -> None:
    """Each with all that one gets, and every process that may help them, beside what all share."""
    one = (postgres.TENANT_CONNECTIONS + postgres.WORKERS) * int(POSTGRES.environment["SESSION_MB"])

    assert setting("shared_buffers") == f"{postgres.BUFFERS_MB}MB"
    assert POSTGRES.shm_mb == postgres.SHARED_MB
    assert POSTGRES.memory_mb - one - postgres.BUFFERS_MB - postgres.SHARED_MB >= 400


def shares_of_ways_out() -> dict[str, int]:
    """Return how many connections one address has at once on each way to another site, in the shipped partnerships."""
    definitions = validate(paths.PROJECT, DAY).definitions
    texts = [
        file.text
        for plan in compile_all(definitions, DAY)
        for stack in plan.stacks
        for container in stack.containers
        for file in container.files
        if file.path == "/cfg/haproxy.cfg"
    ]
    found = [
        (flow, int(share))
        for text in texts
        for flow, share in re.findall(
            r"^frontend (\w+_out)\n(?:    .*\n)*?.* sc0_conn_cur gt (\d+) ", text, re.MULTILINE
        )
    ]
    assert {flow for flow, _ in found} >= {"server_out", "backup_out"}
    return dict(sorted(found, key=itemgetter(1)))


def test_an_application_leaves_room_at_pgbackrests_doors() -> None:
    """Here with all that one address has, and at once by the other site with all that it has of the way.

    Behind a door there are as many processes as connections, beside the door itself, a backup and a health check.
    """
    door = (IMAGES / "postgres/lib/backup-door.cfg").read_text()
    share, room = (int(re.findall(words, door)[0]) for words in (r"sc0_conn_cur gt (\d+)", r"server .* maxconn (\d+)"))
    by_the_other_site = shares_of_ways_out()["backup_out"]

    assert by_the_other_site <= share // 2
    assert share + by_the_other_site <= room - 8
    assert room <= min(pids_limit(AGENT.memory_mb), pids_limit(REPOSITORY.memory_mb) // 2) - 12


def test_an_application_leaves_room_for_logins_from_the_other_site() -> None:
    """Where its own and a server's have one address, a login that is not made yet is not ended for another."""
    start = (IMAGES / "postgres/bin/start-postgres").read_text()
    (unfinished,) = re.findall(r"UNFINISHED_LOGINS:-(\d+)", start)

    assert shares_of_ways_out()["server_out"] <= int(unfinished) - 8


def test_sessions_of_all_tenants_leave_connections_for_logins() -> None:
    """What is left when ten tenants have all of theirs is more than one tenant's logins hold before they are ended."""
    assert int(setting("max_connections")) - 10 * postgres.TENANT_CONNECTIONS >= 600
