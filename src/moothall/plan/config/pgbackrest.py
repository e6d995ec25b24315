"""pgBackRest configuration: agent beside each server, repository at the backup target, mutual TLS between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from moothall.plan import secret_refs

PORT = 8432
LINK_PORT = 18432
PATH = "/backup"
_DATA = "/var/lib/postgresql/data/pg"
_SOCKET = "/run/postgresql"
_CONFIG = "/cfg/pgbackrest.conf"


def _tls(prefix: str) -> list[str]:
    return [
        f"{prefix}-ca-file=/cfg/ca.crt",
        f"{prefix}-cert-file=/cfg/server.crt",
        f"{prefix}-key-file=/cfg/server.key",
    ]


def clients(stanza: str, keys: Sequence[str]) -> str:
    """Return whom a server of pgBackRest lets in, a file of its own, which is exchanged with the keys.

    A client is known by the common name of its certificate, which is what tells its key (`model.planned.Certificate`).
    """
    return "[global]\n" + "".join(f"tls-server-auth={key}={stanza}\n" for key in keys)


_COMMON = ["log-level-file=off", "log-level-console=warn", "lock-path=/tmp", "compress-type=zst"]


_READING = ("restore", "archive-get", "repo-ls", "repo-get")
"""The commands that look into former repositories, too; all others know the one into which backups go."""


class Repository(NamedTuple):
    """A repository in the volume of the backups: its folder below that, and its cipher."""

    folder: str
    cipher: str


def _repository(number: int | str, folder: str, cipher: str) -> list[str]:
    return [
        f"repo{number}-path={PATH}{folder}",
        f"repo{number}-cipher-type=aes-256-cbc",
        f"repo{number}-cipher-pass={cipher}",
    ]


def agent(stanza: str, repository_host: str) -> str:
    """Return the configuration of a server and of the agent beside it."""
    lines = [
        "[global]",
        *_COMMON,
        f"repo1-host={repository_host}",
        "repo1-host-type=tls",
        f"repo1-host-config={_CONFIG}",
        *_tls("repo1-host"),
        f"[{stanza}]",
        f"pg1-path={_DATA}",
        f"pg1-socket-path={_SOCKET}",
    ]
    return "\n".join(lines) + "\n"


def repository(stanza: str, agents: Sequence[str], cipher_label: str, keep_full: int, keep_days: int | None) -> str:
    """Return the configuration of the backup target; `agents` are the hosts of the agents, the primary's first.

    Repositories whose cipher was exchanged are read where something is restored, and nothing else looks at them. Full
    backups are kept by number, or by age if `keep_days` is given; then pgBackRest keeps one at least.
    """
    lines = [
        "[global]",
        *_COMMON,
        *_repository(1, secret_refs.folder(cipher_label), secret_refs.secret(cipher_label)),
        *(["repo1-retention-full-type=time"] if keep_days else []),
        f"repo1-retention-full={keep_days or keep_full}",
        "repo1-bundle=y",
        "start-fast=y",
        *[line for command in _READING for line in (f"[global:{command}]", _former_repositories(cipher_label))],
        f"[{stanza}]",
    ]
    for number, host in enumerate(agents, start=1):
        pg = f"pg{number}"
        lines += [
            f"{pg}-host={host}",
            f"{pg}-host-type=tls",
            f"{pg}-host-config={_CONFIG}",
            *_tls(f"{pg}-host"),
            f"{pg}-path={_DATA}",
            f"{pg}-socket-path={_SOCKET}",
        ]
    return "\n".join(lines) + "\n"


def _former_repositories(cipher_label: str) -> str:
    lines = _repository("{number}", "{folder}", "{secret}")
    return secret_refs.each_former(cipher_label, "".join(f"{line}\n" for line in lines)).rstrip("\n")


def reader(stanza: str, repositories: Sequence[Repository]) -> str:
    """Return the configuration of a copy, which has the repositories' volume before it and nobody to talk to.

    The first of the repositories is the one into which backups go.
    """
    lines = [
        "[global]",
        *_COMMON,
        *[line for number, repository in enumerate(repositories, 1) for line in _repository(number, *repository)],
        f"[{stanza}]",
        f"pg1-path={_DATA}",
        f"pg1-socket-path={_SOCKET}",
    ]
    return "\n".join(lines) + "\n"


def visitor(stanza: str, host: str, *, of_repository: bool) -> str:
    """Return the configuration of somebody who asks a backup target, or an agent, as one of the other kind does.

    `host` is whom it asks. Where it asks an agent, it has an empty repository of its own in memory.
    """
    prefix = "repo1" if of_repository else "pg1"
    door = [
        f"{prefix}-host={host}",
        f"{prefix}-host-type=tls",
        f"{prefix}-host-config={_CONFIG}",
        *_tls(f"{prefix}-host"),
    ]
    lines = [
        "[global]",
        *_COMMON,
        "io-timeout=10",
        "protocol-timeout=20",
        *(door if of_repository else ["repo1-path=/tmp/repository"]),
        f"[{stanza}]",
        *([] if of_repository else door),
        f"pg1-path={_DATA}",
        f"pg1-socket-path={_SOCKET}",
    ]
    return "\n".join(lines) + "\n"
