"""Sessions that a thief holds: begun with keys and passwords that were good, and open until somebody ends them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager

import docker
from tests.attack.doors import Identity
from tests.live.helpers.running import Place
from tests.live.test_sealed import content
from tests.waiting import wait_until

from moothall.docker_engine.tar import Entry, pack_tar

_SERVER = "host=pg-morpeth.erp sslmode=verify-full sslrootcert=/tmp/ca.crt"
_KEY = f"{_SERVER} sslcert=/tmp/own.crt sslkey=/tmp/own.key"
_SLEEP = "psql -XAtqc 'SELECT pg_sleep(36000)' -d"
_SAID_OF = "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'held by %'"


def _named(holder: str) -> str:
    return f"application_name='\\''held by {holder}'\\''"


@contextmanager
def held(place: Place, keys: dict[str, Identity], tenants: Collection[str]) -> Iterator[None]:
    """Hold sessions at the instance's first server: as the job and as a follower with their keys, if they are given,
    and as these tenants with their passwords."""
    own = f"{place.name}.erp.morpeth.network"
    relay = f"container:{place.containers()[f'{place.name}.erp.morpeth.database-relay'].id}"
    sessions = {tenant: (own, f"{_SLEEP} '{_SERVER} {_tenant(place, tenant)}'") for tenant in tenants}
    if keys:
        job = f"{_SLEEP} '{_KEY} user=provisioner dbname=postgres {_named('job')}'"
        follower = f"pg_receivewal --no-loop -D /tmp -d '{_KEY} user=repl {_named('mirror')}'"
        sessions |= {"job": (own, job), "mirror": (relay, follower)}
    with ExitStack() as containers:
        for holder, (network, command) in sessions.items():
            files = keys.get(holder) or {
                "ca.crt": content(place.containers()[f"{place.name}.erp.morpeth.postgres"], "/cfg/ca.crt")
            }
            containers.enter_context(_running(place, network, command, files))
        wait_until(lambda: holding(place) == set(sessions), lambda: holding(place))
        yield


def holding(place: Place) -> set[str]:
    """Return whose sessions are open still."""
    return {line.removeprefix("held by ") for line in place.ask(_SAID_OF).splitlines()}


def _tenant(place: Place, tenant: str) -> str:
    """Return how a tenant's application comes in."""
    text = content(place.containers()[f"{place.name}.{tenant}.morpeth.erp-application"], "/cfg/trytond.conf").decode()
    found = re.search(rf"^uri = postgresql://{tenant}:([A-Za-z0-9]+)@", text, re.MULTILINE)
    assert found
    return f"user={tenant} dbname={tenant} password={found[1]} {_named(tenant)}"


@contextmanager
def _running(place: Place, network: str, command: str, files: Identity) -> Iterator[None]:
    """Run a command beside some files."""
    image = place.containers()[f"{place.name}.erp.morpeth.postgres"].image
    words = ["bash", "-c", f"exec {command}"]
    made = docker.from_env().containers.create(image, words, network=network, user="900:0")
    try:
        made.put_archive("/tmp", pack_tar([Entry(name, text, 0o400) for name, text in files.items()], owner=900))
        made.start()
        yield
    finally:
        made.remove(force=True)
