"""Every certificate of an instance's own at every door that asks for one: who is let in where."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import docker
from docker.models.containers import Container
from tests.live.helpers.running import Place
from tests.live.test_sealed import content

from moothall.docker_engine.tar import Entry, pack_tar

Identity = Mapping[str, bytes]
"""The files ca.crt, own.crt and own.key."""

HOLDERS = {
    "job": ("durham.morpeth.erp-prepare", "client"),
    "server": ("erp.morpeth.postgres", "server"),
    "mirror": ("erp.durham-dc.postgres", "server"),
    "agent": ("erp.morpeth.agent", "server"),
    "mirror's agent": ("erp.durham-dc.agent", "server"),
    "repository": ("erp.durham-dc.repository", "server"),
}
"""The container that holds each certificate, and how its files begin there."""
WELCOME = {
    ("job", "provisioner"),
    ("server", "replication"),
    ("mirror", "replication"),
    ("repository", "agent"),
    *((name, "repository") for name in ("server", "mirror", "agent", "mirror's agent")),
}
"""Who is let in at which door, of those that follow."""

_TLS = "sslmode=verify-full sslrootcert=ca.crt sslcert=own.crt sslkey=own.key connect_timeout=5"
_BACKUPS = """pgbackrest --config=/dev/null --stanza=erp --lock-path=/tmp --log-level-file=off --io-timeout=10 \
--repo1-host-type=tls --repo1-host-config=/cfg/pgbackrest.conf --repo1-host-ca-file=ca.crt \
--repo1-host-cert-file=own.crt --repo1-host-key-file=own.key --repo1-host={host} info"""
_FROM_ANYWHERE = {
    "provisioner": f"psql -XAtqc 'SELECT 1' -d 'host=pg-morpeth.erp user=provisioner dbname=postgres {_TLS}'",
    "agent": _BACKUPS.format(host="agent-morpeth.erp"),
    "repository": _BACKUPS.format(host="repository.erp"),
}
_FROM_THE_RELAY = {
    "replication": f"psql -XAtqc IDENTIFY_SYSTEM -d 'host=pg-morpeth.erp user=repl replication=true {_TLS}'",
}
_WELCOME = re.compile(
    r"^1$|^\d{15,}\|\d+\||^stanza: erp\n    status: (?:ok|error \(missing stanza path\))", re.MULTILINE
)
"""What is answered to who is let in: one, who the server is, or what is in the repository; an agent has none."""
_REFUSALS = (
    "certificate authentication failed",
    "[AccessError] raised from remote-0 tls protocol",
)


def identities(place: Place) -> dict[str, Identity]:
    """Return every certificate of the instance that is in use now, with its key and the authority's."""
    return {name: _files(place.containers()[f"{place.name}.{at}"], prefix) for name, (at, prefix) in HOLDERS.items()}


def let_in(place: Place, shown: Mapping[str, Identity]) -> set[tuple[str, str]]:
    """Return who is let in at which door of the instance's first site; each of the certificates knocks at each."""
    relay = place.containers()[f"{place.name}.erp.morpeth.database-relay"]
    anywhere = _answers(place, f"{place.name}.erp.morpeth.network", _FROM_ANYWHERE, shown)
    from_relay = _answers(place, f"container:{relay.id}", _FROM_THE_RELAY, shown)
    return {pair for pair, answer in (anywhere | from_relay).items() if not _refused(answer)}


def _files(container: Container, prefix: str) -> Identity:
    files = {"ca.crt": "ca.crt", "own.crt": f"{prefix}.crt", "own.key": f"{prefix}.key"}
    return {name: content(container, f"/cfg/{path}") for name, path in files.items()}


def _answers(
    place: Place, network: str, doors: Mapping[str, str], shown: Mapping[str, Identity]
) -> dict[tuple[str, str], str]:
    """Return what each door says to each certificate, in one container in the view of the network that is given."""
    image = place.containers()[f"{place.name}.erp.morpeth.postgres"].image
    script = ["export HOME=/tmp"]
    pairs = [(name, door) for name in shown for door in doors]
    for number, (name, door) in enumerate(pairs):
        folder = f"/tmp/{list(shown).index(name)}"
        script.append(f"cd {folder} && {{ {doors[door]}; }} > /tmp/said{number} 2>&1; cat /tmp/said{number}; echo END")
    entries = [
        Entry(f"{number}/{file}", text, 0o400)
        for number, identity in enumerate(shown.values())
        for file, text in identity.items()
    ]
    client = docker.from_env()
    made = client.containers.create(image, ["bash", "-c", "\n".join(script)], network=network, user="900:0")
    try:
        made.put_archive("/tmp", pack_tar(entries, owner=900))
        made.start()
        made.wait()
        *said, rest = made.logs().decode().split("END\n")
    finally:
        made.remove(force=True)
    assert (len(said), rest) == (len(pairs), ""), said
    return dict(zip(pairs, said, strict=True))


def _refused(answer: str) -> bool:
    """Say whether somebody was refused for who they are; one who was not even heard proves nothing."""
    if any(refusal in answer for refusal in _REFUSALS):
        return True
    assert _WELCOME.search(answer), json.dumps(answer)
    return False
