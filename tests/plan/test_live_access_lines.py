"""What a gateway says of each request: who came from where, in one form, and nothing that opens a door."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

import docker
import pytest
from tests.plan.real_proxies import GET, PREFIX, ask, asker
from tests.waiting import wait_until

pytestmark = pytest.mark.live


def lines_of(client: docker.DockerClient, mark: str, count: int = 1) -> list[dict[str, Any]]:
    """Return what the gateway says of requests with a mark, when it has said so much."""
    gateway_container = client.containers.get(f"{PREFIX}-gateway")
    said: list[str] = []

    def heard() -> bool:
        said[:] = [line for line in gateway_container.logs(stderr=False).decode().splitlines() if mark in line]
        return len(said) >= count

    wait_until(heard, lambda: gateway_container.logs().decode()[-2000:])
    return [json.loads(line) for line in said]


def as_header(*words: str) -> str:
    """Return words as they stand in a header that says who somebody is."""
    return base64.b64encode(":".join(words).encode()).decode()


USERS = {
    "in the cookie": ({"Cookie": "a=b; tryton_session=ann:7:0a1b-key"}, "ann"),
    "in a cookie with a colon": ({"Cookie": "tryton_session=a:n:n:7:0a1b-key"}, "a:n:n"),
    "in the header": ({"Authorization": f"Session {as_header('ann', '7', '0a1b-key')}"}, "ann"),
    "in capitals": ({"Authorization": f"SESSION {as_header('ann', '7', '0a1b-key')}"}, "ann"),
    "by password": ({"Authorization": f"Basic {as_header('ann', '0a1b-key')}"}, "ann"),
    "in both": (
        {"Cookie": "tryton_session=ann:7:0a1b-key", "Authorization": f"Session {as_header('bob', '7', '0a1b-key')}"},
        "ann",
    ),
    "a key alone in the cookie": ({"Cookie": "tryton_session=0a1b-key"}, "-"),
    "a key alone in the header": ({"Authorization": f"Session {as_header('0a1b-key')}"}, "-"),
    "a key alone in Basic": ({"Authorization": f"Basic {as_header('0a1b-key')}"}, "-"),
    "a bearer's key": ({"Authorization": f"Bearer {as_header('0a1b-key', '0a1b-key')}"}, "-"),
    "a key without a kind": ({"Authorization": "0a1b-key"}, "-"),
    "nobody": ({}, "-"),
}


@pytest.mark.parametrize("how", USERS)
def test_a_line_says_who_and_never_the_key(client: docker.DockerClient, relay: tuple[str, str], how: str) -> None:
    """As Tryton's web client and its others say who they are; nothing behind the question mark, and no body."""
    headers, user = USERS[how]
    mark = secrets.token_hex(8)

    ask(relay[0], f"/durham/{mark}?0a1b-key", headers)

    [line] = lines_of(client, mark)
    assert line.pop("time").endswith("Z")
    assert (line.pop("bytes") > 0, line.pop("ms") >= 0) == (True, True)
    assert line == {
        "site": "morpeth",
        "council": "durham",
        "instance": "erp",
        "from": asker(relay[0]),
        "user": user,
        "method": "GET",
        "path": f"/durham/{mark}",
        "status": 200,
    }
    assert b"0a1b-key" not in client.containers.get(f"{PREFIX}-gateway").logs()


def test_a_line_has_one_form_whatever_is_asked(client: docker.DockerClient, relay: tuple[str, str]) -> None:
    """What is refused has one, too; long names are cut, and none of them ends a line."""
    mark = secrets.token_hex(8)
    nasty = f'{mark}"}}\n{{"user","root\r\n\x1b[2J\u202e'

    ask(relay[0], f"/durham/../{mark}-climbs")
    ask(relay[0], f"/durham/{mark}-{'x' * 4000}", {"Authorization": f"Session {as_header('y' * 3000, '7', 'key')}"})
    ask(relay[0], GET, {"Authorization": f"Session {as_header(nasty, '7', 'key')}"})

    lines = lines_of(client, mark, 3)
    assert [line["status"] for line in lines] == [404, 200, 200]
    assert [len(line["path"]) for line in lines[1:]] == [256, len(GET)]
    assert (len(lines[1]["user"]), lines[2]["user"]) == (256, nasty)


def test_health_checks_leave_no_line(client: docker.DockerClient, relay: tuple[str, str]) -> None:
    """Neither those of a relay nor the engine's."""
    mark = secrets.token_hex(8)
    assert client.containers.get(f"{PREFIX}-gateway").exec_run(["/usr/local/bin/alive"]).exit_code == 0
    ask(relay[0], f"/durham/{mark}")
    lines_of(client, mark)
    said = client.containers.get(f"{PREFIX}-gateway").logs(stderr=False).decode()
    assert "/ready" not in said
    assert "/alive" not in said
