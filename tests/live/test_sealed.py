"""Councils kept apart, attacked; certificates renewed under users, and those of a leaver tried afterwards."""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Iterator
from datetime import date

import docker
import pytest
from docker.models.containers import Container
from tests.live.helpers.running import Place, Run, small, weardale
from tests.live.helpers.users import Users

from moothall.docker_engine.engine import Engine
from moothall.model import filesname
from moothall.verify.probe import Order, probe
from moothall.verify.probe import Place as ProbePlace
from moothall.waiting import wait_until

pytestmark = [pytest.mark.live, pytest.mark.incremental]
LAST_YEAR = {"MOOTHALL_CERTIFICATES_AS_OF": f"{date.today().year - 1}-06-01"}
"""Certificates of last year are valid until the end of March of next year, and are renewed by any `up` of this year."""
HOST = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
TEMPORARY = "mh-sealed-attack"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The ERP with its two tenants, on certificates of last year."""
    made = small(tmp_path_factory.mktemp("sealed"), "sealed")
    made.clear()
    try:
        run = made.run("up", "--yes", timeout=900, environment=LAST_YEAR)
        assert run.code == 0, run
        yield made
    finally:
        for left in docker.from_env().containers.list(ignore_removed=True, all=True, filters={"name": TEMPORARY}):
            left.remove(force=True)
        made.clear()


def red(run: Run) -> set[str]:
    """The ids of what is not proved."""
    return {result["id"] for result in run.json["results"] if result["status"] != "passed"}


def detail(run: Run, id_: str) -> str:
    """What is said of one thing."""
    return next(result["detail"] for result in run.json["results"] if result["id"] == id_)


def put(container: Container, path: str, content: bytes) -> None:
    """Put a file in the place of one that is there, through the container's uploader: its own mount takes nothing."""
    folder, _, name = path.rpartition("/")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o440
        tar.addfile(entry, io.BytesIO(content))
    uploader = docker.from_env().containers.get(filesname.uploader(container.name))
    assert uploader.put_archive(folder, packed.getvalue())


def content(container: Container, path: str) -> bytes:
    """What is in a file of a container."""
    stream, _ = container.get_archive(path)
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        file = tar.extractfile(tar.getmembers()[0])
        assert file
        return file.read()


def test_certificates_are_renewed_under_users(place: Place) -> None:
    """All of them, in place: nobody's login fails, no container is another; verify said that it was time."""
    said = place.run("verify", "--format", "json")
    before, users = place.identities(), Users(place)

    run = place.run("up", "--yes")
    users.end()

    assert run.code == 0, run
    assert users.failures[:3] == []
    assert users.succeeded >= 2
    assert len(users.certificates) == 4
    assert place.identities() == before
    lines = [result["detail"] for result in said.json["results"] if result["id"].startswith("certificates.")]
    assert lines
    assert all("renewal is due" in line or "was not renewed" in line for line in lines)
    assert place.run("preview", "--detailed-exitcode").code == 0


def test_untouched_all_is_refused(place: Place) -> None:
    """Every ordered pair, every relay, every role, every network and volume."""
    run = place.run("verify", "--isolation", "--format", "json")

    assert run.code == 0, run
    ids = {result["id"] for result in run.json["results"]}
    assert {"isolation.durham.northumberland", "isolation.northumberland.durham", "roles.durham.erp"} <= ids
    assert "roles.provisioner.erp" in ids
    assert {"hops.durham.durham-dc.erp-relay", "hops.durham.consett.erp-transit", "members.erp.morpeth"} <= ids


def test_each_opening_turns_its_own_lines_red(place: Place) -> None:
    """A network edge, a volume, a grant with a line of access, another's certificate: these lines and no others."""
    client, standing = docker.from_env(), place.containers()
    relay, server = standing["mh-sealed.northumberland.morpeth.erp-relay"], standing["mh-sealed.erp.morpeth.postgres"]
    access, own = content(server, "/cfg/pg_hba.conf"), content(relay, "/cfg/client.pem")
    edge = client.networks.get("mh-sealed.durham.durham-dc.network")
    edge.connect(relay)
    client.containers.create(
        relay.image, name=TEMPORARY, network_mode="none", volumes={"mh-sealed.erp.morpeth.data": {"bind": "/stolen"}}
    )
    put(server, "/cfg/pg_hba.conf", b"hostssl northumberland durham samenet scram-sha-256\n" + access)
    place.ask("GRANT northumberland TO durham")
    place.ask("ALTER ROLE provisioner CREATEROLE")
    server.exec_run("write-access")
    put(relay, "/cfg/client.pem", content(standing["mh-sealed.durham.durham-dc.erp-relay"], "/cfg/client.pem"))
    try:
        run = place.run("verify", "--isolation", "--format", "json")
    finally:
        edge.disconnect(relay)
        client.containers.get(TEMPORARY).remove(force=True)
        place.ask("REVOKE northumberland FROM durham")
        place.ask("ALTER ROLE provisioner NOCREATEROLE")
        put(server, "/cfg/pg_hba.conf", access)
        server.exec_run("write-access")
        put(relay, "/cfg/client.pem", own)

    assert red(run) == {
        "isolation.durham",
        "isolation.durham.northumberland",
        "members.durham.durham-dc",
        "hops.northumberland.morpeth.erp-relay",
        "members.erp.morpeth",
        "roles.durham.erp",
        "roles.provisioner.erp",
        "certificates.northumberland.morpeth",
    }, run
    pair = detail(run, "isolation.durham.northumberland")
    assert "durham reaches mh-sealed.northumberland.morpeth.erp-relay:443 on mh-sealed.durham.durham-dc.network" in pair
    assert "at the database northumberland: open" in pair
    assert "is a member of northumberland" in detail(run, "roles.durham.erp")
    assert "provisioner gives itself the server's programs" in detail(run, "roles.provisioner.erp")
    assert f"{TEMPORARY} can read the volume mh-sealed.erp.morpeth.data" in detail(run, "members.erp.morpeth")
    assert "is for relay.durham.erp" in detail(run, "certificates.northumberland.morpeth")
    assert place.run("verify", "--isolation").code == 0


def test_an_application_that_serves_its_neighbours_is_told(place: Place) -> None:
    """One that lets in whoever stands on its network: the other council's line is red, until its own is back."""
    client, name = docker.from_env(), "mh-sealed.northumberland.morpeth.erp-application"
    own = place.containers()[name]
    environment = [each for each in own.attrs["Config"]["Env"] if not each.startswith("GATEWAY=")]
    own.stop()
    own.rename(TEMPORARY)
    open_to_all = client.containers.create(
        own.image,
        name=name,
        environment=environment,
        user="910:0",
        volumes_from=[own.id],
        network="mh-sealed.erp.morpeth.network",
    )
    try:
        open_to_all.start()
        run = place.run("verify", "--isolation", "--format", "json")
    finally:
        open_to_all.remove(force=True)
        own.rename(name)
        own.start()

    assert "isolation.durham.northumberland" in red(run), run
    assert f"durham is served by {name}" in detail(run, "isolation.durham.northumberland")
    assert place.run("verify").code == 0


def test_an_exchanged_key_opens_nothing_any_more(place: Place) -> None:
    """A relay's certificate from before `keys rotate` is valid for years; its own gateway refuses it at once."""
    old = content(place.containers()["mh-sealed.durham.durham-dc.erp-relay"], "/cfg/client.pem")
    assert served(place, "durham.morpeth", old)

    run = place.run("keys", "rotate", "--council", "durham", "--yes")

    assert run.code == 0, run
    assert not served(place, "durham.morpeth", old)
    new = content(place.containers()["mh-sealed.durham.durham-dc.erp-relay"], "/cfg/client.pem")
    assert served(place, "durham.morpeth", new)


def test_a_leavers_certificate_opens_nothing(place: Place) -> None:
    """Not while it is away, and not when it is there again: another key is asked for."""
    weardale(place)
    joined = place.run("up", "--yes")
    old = content(place.containers()["mh-sealed.weardale.durham-dc.erp-relay"], "/cfg/client.pem")
    opened_before = served(place, "weardale.morpeth", old)
    weardale(place, leaves=True)
    away = place.run("up", "--yes")
    doors = [name for name in place.containers() if name.endswith("erp-gateway")]
    places = [name.removeprefix("mh-sealed.").removesuffix(".erp-gateway") for name in doors]
    opened = [where for where in places if served(place, where, old)]
    weardale(place)
    back = place.run("up", "--yes")

    assert (joined.code, away.code, back.code) == (0, 0, 0), (joined, away, back)
    assert opened_before
    assert len(places) == 4
    assert opened == []
    assert not served(place, "weardale.morpeth", old)
    assert place.run("verify", "--council", "weardale").code == 0


def served(place: Place, where: str, identity: bytes) -> bool:
    """Whether a gateway serves somebody on its link who shows this certificate."""
    gateway = place.containers()[f"{place.name}.{where}.erp-gateway"]
    assert wait_until(lambda: gateway.exec_run(["/usr/local/bin/alive"]).exit_code == 0, 30)
    networks = gateway.attrs["NetworkSettings"]["Networks"]
    [link] = [name for name in networks if ".erp." not in name]
    image = place.containers()[f"{place.name}.durham.morpeth.erp-application"].image.id
    door = (networks[link]["IPAddress"], 8443, "gateway")
    order = Order(greetings=(door,), welcomes=(0,), identity=identity.decode(), deadline_seconds=60)
    here = ProbePlace(place.name, "somebody", link, image, "910:0")
    answer = probe(Engine(HOST), here, order, content(gateway, "/cfg/ca.crt").decode())
    return answer.greetings == ("serves",)


def test_a_network_that_changes_takes_its_users_along(place: Place) -> None:
    """A link with fewer addresses: said beforehand, every container on it is recreated in one `up`, data kept."""
    place.ask("CREATE TABLE kept AS SELECT 42 AS answer", "durham")
    file = place.councils.parent / "partnership.yaml"
    text = file.read_text()
    link = re.search(r"(between: \[morpeth, consett\], network: \S+)/24", text)
    assert link
    file.write_text(text.replace(link[0], f"{link[1]}/25"))

    shown = place.run("preview", "--format", "json")
    run = place.run("up", "--yes")

    replaced = {step["name"] for stack in shown.json["stacks"] for step in stack["steps"] if step["op"] == "replace"}
    assert {name.rpartition(".")[2] for name in replaced} >= {"link-consett-morpeth", "erp-relay", "database-relay"}
    assert run.code == 0, run
    assert place.ask("SELECT answer FROM kept", "durham") == "42"
    assert place.run("preview", "--detailed-exitcode").code == 0
