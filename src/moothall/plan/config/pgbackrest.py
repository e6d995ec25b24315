"""pgBackRest configuration: agent beside each server, repository at the backup target, mutual TLS between."""

from __future__ import annotations

from collections.abc import Sequence

PORT = 8432
LINK_PORT = 18432
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


def repository(stanza: str, agents: Sequence[str], cipher: str, keep_full: int, keep_days: int | None) -> str:
    """Return the configuration of the backup target; `agents` are the hosts of the agents, the primary's first.

    Full backups are kept by number, or by age if `keep_days` is given; then pgBackRest keeps one at least.
    """
    lines = [
        "[global]",
        *_COMMON,
        "repo1-path=/backup",
        "repo1-cipher-type=aes-256-cbc",
        f"repo1-cipher-pass={cipher}",
        *(["repo1-retention-full-type=time"] if keep_days else []),
        f"repo1-retention-full={keep_days or keep_full}",
        "repo1-bundle=y",
        "start-fast=y",
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


def reader(stanza: str, cipher: str) -> str:
    """Return the configuration of a copy, which has the repository's volume before it and nobody to talk to."""
    lines = [
        "[global]",
        *_COMMON,
        "repo1-path=/backup",
        "repo1-cipher-type=aes-256-cbc",
        f"repo1-cipher-pass={cipher}",
        f"[{stanza}]",
        f"pg1-path={_DATA}",
        f"pg1-socket-path={_SOCKET}",
    ]
    return "\n".join(lines) + "\n"
