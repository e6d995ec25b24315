"""What every PostgreSQL of a partnership logs while others work, those that are thrown away again included."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import docker
from docker.errors import DockerException
from docker.models.containers import Container

TOLD = re.compile(r"^(?!.* autovacuum worker ).*TRAP (\S+).* \| session_user=(\S+) current_user=(\S+)", re.MULTILINE)
"""What a trap tells: its kind, and as whom its code runs, twice."""
OWN = re.compile(r" autovacuum worker .*TRAP (\S+).* \| session_user=(\S+) current_user=(\S+)")
"""The same of PostgreSQL's own maintenance: that acts as the owner of a table, in an operation that no code leaves."""
REPOSITORY = "moothall/postgres"


@contextmanager
def listening(prefix: str) -> Iterator[list[tuple[str, str, str, str]]]:
    """Give a list that fills with the container, the kind and the two users of each trap that somebody falls into.

    Heard are containers whose names begin with `prefix`, and those without a name of ours.
    """
    client, found = docker.from_env(), list[tuple[str, str, str, str]]()
    events = client.events(decode=True, filters={"type": "container", "event": "start"})
    threads = [threading.Thread(target=_follow_starts, args=(client, events, prefix, found), daemon=True)]
    for container in client.containers.list():
        if _is_meant(container, prefix):
            threads.append(threading.Thread(target=_follow, args=(container, found), daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        events.close()


def _is_meant(container: Container, prefix: str) -> bool:
    name, image = str(container.name), container.image  # which it names by its ID
    is_server = image is not None and any(tag.startswith(REPOSITORY) for tag in image.tags)
    return is_server and (name.startswith(prefix) or not name.startswith("mh-"))


def _follow_starts(
    client: docker.DockerClient, events: Iterator[dict[str, str]], prefix: str, found: list[tuple[str, str, str, str]]
) -> None:
    with suppress(DockerException, OSError, ValueError):
        for event in events:
            with suppress(DockerException):
                container = client.containers.get(event["id"])
                if _is_meant(container, prefix):
                    threading.Thread(target=_follow, args=(container, found), daemon=True).start()


def _follow(container: Container, found: list[tuple[str, str, str, str]]) -> None:
    rest = ""
    with suppress(DockerException, OSError, ValueError):
        for piece in container.logs(stream=True, follow=True):
            *lines, rest = (rest + piece.decode(errors="replace")).split("\n")
            found.extend((str(container.name), *told.groups()) for told in map(TOLD.search, lines) if told)
            maintained = [told.groups() for told in map(OWN.search, lines) if told]
            found.extend((str(container.name), kind, user, user) for kind, _, user in maintained)
