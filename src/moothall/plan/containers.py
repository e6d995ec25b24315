"""How each role of container is made: image, user, limits, health, stop; hardened the same way everywhere.

Every service runs as its own uid in group 0 and reads its files from /cfg as root:root 0440: no step as
root is needed to hand them over, and the service cannot write them (docs/decisions/0003).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from moothall.model.dedicated import is_dedicated
from moothall.model.planned import SERVICE, Attachment, Container, File, Health, Mount, Port
from moothall.plan import secret_refs
from moothall.plan.config import postgres
from moothall.plan.naming import engine_name
from moothall.source import Span

SHARED, COUNCILS, IN_PASSING = 2048, 512, 256
"""Weights where processors do not suffice: what all councils wait for, what one waits for, and what nobody does."""
RESTART = "always"
"""An engine that is killed stops, at its next start, what still runs, and takes that for stopped by somebody: then only
this policy has it started again (Docker 20.10, `daemon/kill.go`). What must not come back is behind a fence."""
_READ_AGAIN = ("/bin/sh", "-c", "kill -HUP 1")  # PostgreSQL's server and pgBackRest's read their files again
_PROXY_HEALTH = Health(("CMD", "/usr/local/bin/alive"), "10m0s", "10s")  # each check starts a process


@dataclass(frozen=True)
class ContainerProfile:
    """What all containers of one image and use have in common."""

    image: str
    user: str
    command: tuple[str, ...]
    memory_mb: int
    cpu_shares: int
    stop_signal: str
    stop_seconds: int
    health: Health | None
    tmpfs: Mapping[str, str]
    shm_mb: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    renew: tuple[str, ...] = ()


PROXY = ContainerProfile(
    image="haproxy",
    user="920:0",
    command=("haproxy", "-db", "-f", "/cfg/haproxy.cfg"),
    memory_mb=48,
    cpu_shares=SHARED,  # it takes little, and what waits for it is users
    # As process 1 it does not hear SIGTERM; this one lets connections end, for as long as hard-stop-after allows.
    stop_signal="SIGUSR1",
    stop_seconds=5,
    health=_PROXY_HEALTH,
    tmpfs={"/tmp": "size=8m"},
    renew=("/usr/local/bin/renew-certificates",),
)

_POSTGRES_TMPFS = {
    "/tmp": "size=64m",
    "/var/log/pgbackrest": "size=8m,uid=900",
    "/var/spool/pgbackrest": "size=8m,uid=900",
}

POSTGRES = ContainerProfile(
    image="postgres",
    user="900:0",
    command=("/usr/local/bin/start-postgres",),
    memory_mb=postgres.MEMORY_MB,
    cpu_shares=SHARED,
    stop_signal="SIGINT",
    stop_seconds=60,
    health=Health(("CMD", "/usr/local/bin/ready"), "30s", "1m0s"),
    tmpfs=_POSTGRES_TMPFS,
    shm_mb=postgres.SHARED_MB,
    environment={"SESSION_MB": str(postgres.SESSION_MB)},
    renew=_READ_AGAIN,
)


def server_of(instance: str) -> ContainerProfile:
    """Return how the database server of an instance is made; for a council's own only that council waits."""
    return replace(POSTGRES, cpu_shares=COUNCILS) if is_dedicated(instance) else POSTGRES


AGENT = ContainerProfile(
    image="postgres",
    user="900:0",
    command=("/usr/local/bin/start-agent",),
    memory_mb=128,
    cpu_shares=COUNCILS,
    stop_signal="SIGTERM",
    stop_seconds=10,
    health=Health(("CMD", "/usr/local/bin/agent-ready"), "2m0s", "10s"),
    tmpfs=_POSTGRES_TMPFS,
    renew=_READ_AGAIN,
)

REPOSITORY = replace(
    AGENT,
    command=("/usr/local/bin/start-repository",),
    memory_mb=256,
    health=Health(("CMD", "/usr/local/bin/repository-ready"), "2m0s", "10s"),
)

FIRST_BACKUP = replace(REPOSITORY, command=("/usr/local/bin/first-backup",), health=None, renew=())

_TRYTON_TMPFS = {"/tmp": "size=32m", "/var/lib/trytond": "size=64m,uid=910"}

APPLICATION = ContainerProfile(
    image="tryton",
    user="910:0",
    command=("/usr/local/bin/serve",),
    memory_mb=256,
    cpu_shares=COUNCILS,
    stop_signal="SIGTERM",
    stop_seconds=10,
    health=Health(("CMD", "/usr/local/bin/ready"), "2m0s", "30s"),
    tmpfs=_TRYTON_TMPFS,
    shm_mb=16,
    environment={"TRYTOND_CONFIG": "/cfg/trytond.conf"},
)

# Whoever exchanged its files may not have told it.
_STORE_HEALTH = """\
exec 3<>/dev/tcp/127.0.0.1/16514 || exit 1
found=$(cat /cfg/ca.crt /cfg/store.pem /cfg/senders | cksum)
[[ $found == "$(cat /tmp/read 2> /dev/null)" ]] || { kill -HUP 1 && echo "$found" > /tmp/read; }"""

LOGS = ContainerProfile(
    image="tryton",
    user="910:0",
    command=("/usr/bin/python3", "-I", "/cfg/store.py"),
    memory_mb=96,
    cpu_shares=COUNCILS,
    stop_signal="SIGTERM",
    stop_seconds=10,
    health=Health(("CMD", "/bin/bash", "-c", _STORE_HEALTH), "2m0s", "10s"),
    tmpfs={"/tmp": "size=8m"},
    renew=_READ_AGAIN,
)

PREPARE = ContainerProfile(
    image="tryton",
    user="910:0",
    command=("/opt/t/bin/python", "/cfg/claim.py", "/usr/local/bin/prepare-tenant"),
    memory_mb=512,
    cpu_shares=IN_PASSING,
    stop_signal="SIGTERM",
    stop_seconds=10,
    health=None,
    tmpfs=_TRYTON_TMPFS,
)


@dataclass(frozen=True)
class ContainerBuilder:
    """Makes the containers of one stack: what they share is said once."""

    stack: str
    images: Mapping[str, str]
    council: str | None
    instance: str | None
    declared_at: Span

    def make(
        self,
        profile: ContainerProfile,
        key: str,
        role: str,
        networks: Sequence[Attachment],
        files: Mapping[str, str],
        *,
        kind: str = SERVICE,
        restart: str = RESTART,
        mounts: Sequence[Mount] = (),
        environment: Mapping[str, str] | None = None,
        ports: Sequence[Port] = (),
        needs: Sequence[str] = (),
    ) -> Container:
        """Return one container of the stack; `files` maps names below /cfg to their texts."""
        return Container(
            key=key,
            name=engine_name(self.stack, key),
            kind=kind,
            role=role,
            image=self.images[profile.image],
            user=profile.user,
            command=profile.command,
            environment={**profile.environment, **(environment or {})},
            memory_mb=profile.memory_mb,
            cpu_shares=profile.cpu_shares,
            shm_mb=profile.shm_mb,
            networks=tuple(sorted(networks, key=lambda a: a.network)),
            mounts=tuple(mounts),
            tmpfs=profile.tmpfs,
            files=tuple(
                File(f"/cfg/{name}", text, secret_refs.has_secret(text)) for name, text in sorted(files.items())
            ),
            ports=tuple(ports),
            health=profile.health,
            stop_signal=profile.stop_signal,
            stop_seconds=profile.stop_seconds,
            restart=restart,
            needs=tuple(sorted(needs)),
            council=self.council,
            instance=self.instance,
            declared_at=self.declared_at,
            renew=profile.renew,
        )
