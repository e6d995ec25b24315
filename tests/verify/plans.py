"""Small plans for the tests of verify: two councils, each with one tenant of the same instance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from moothall.model.agreed import PlannedUse, Policy
from moothall.model.planned import (
    JOB,
    SERVICE,
    WAITING,
    Attachment,
    BackupPlan,
    Container,
    Health,
    MirrorPlan,
    Mount,
    Network,
    Plan,
    Stack,
    TenantPlan,
    Volume,
)
from moothall.source import Span

NOWHERE = Span("", 1, 1, 1, 1)
COUNCILS = ("durham", "derwentside")
IMAGE = "image"


def network(prefix: str, council: str, number: int) -> Network:
    """Return a council's own network, 10.213.<number>.0/24."""
    base = f"10.213.{number}"
    name = f"{prefix}.{council}.network"
    return Network("network", name, f"{base}.0/24", f"{base}.1", f"{base}.128/25", True, {}, NOWHERE)


def container(
    name: str,
    role: str,
    networks: tuple[Attachment, ...],
    *,
    kind: str = SERVICE,
    image: str = IMAGE,
    mounts: tuple[Mount, ...] = (),
) -> Container:
    """Return a planned container, hardened as all are."""
    return Container(
        key=role,
        name=name,
        kind=kind,
        role=role,
        image=image,
        user="920:0",
        command=("sleep", "600"),
        environment={},
        memory_mb=32,
        cpu_shares=512,
        shm_mb=16,
        networks=networks,
        mounts=mounts,
        tmpfs={"/tmp": "size=8m"},
        files=(),
        ports=(),
        health=Health(("CMD", "true"), "2m0s", "10s"),
        stop_signal="SIGTERM",
        stop_seconds=5,
        restart="no",
        needs=(),
        council=None,
        instance="erp",
        declared_at=NOWHERE,
    )


def tenant(prefix: str, council: str) -> TenantPlan:
    """Return how a council reaches its tenant."""
    return TenantPlan(
        council=council,
        instance="erp",
        council_title=council.title(),
        instance_title="ERP",
        database=council,
        host_name=f"{council}.erp.test",
        network=f"{prefix}.{council}.network",
        relay=f"{prefix}.{council}.relay",
        application=f"{prefix}.{council}.application",
        gateway=f"{prefix}.{council}.gateway",
        waiting_application=f"{prefix}.{council}.waiting",
        waiting_gateway=f"{prefix}.{council}.gateway-standby",
        local_access_url="https://127.1.2.3:8443/",
        login="admin",
        admin_secret=f"tenant/{council}/erp/admin-password",
        modules={"finance": ("account",)},
        proof_models={"finance": "account.move"},
    )


def stack(prefix: str, council: str, number: int, image: str) -> Stack:
    """Return a council's stack: its network, its relay on it, its application on none, and what waits."""
    own = network(prefix, council, number)
    place = Attachment(own.name, "network", (f"{council}.erp.test",))
    return Stack(
        name=f"{prefix}.{council}.morpeth",
        kind="council",
        unit=council,
        site="morpeth",
        council=council,
        needs=(),
        networks=(own,),
        volumes=(Volume("data", f"{prefix}.{council}.data", True, {}, NOWHERE),),
        containers=tuple(replace(made, council=council) for made in _containers(prefix, council, place, image)),
    )


def _containers(prefix: str, council: str, place: Attachment, image: str) -> tuple[Container, ...]:
    return (
        container(f"{prefix}.{council}.relay", "relay", (place,), image=image),
        container(f"{prefix}.{council}.application", "application", (), image=image),
        container(f"{prefix}.{council}.gateway", "gateway", (), image=image),
        container(f"{prefix}.{council}.gateway-standby", "gateway", (), image=image),
        container(f"{prefix}.{council}.prepare", "prepare", (), kind=JOB, image=image),
        container(f"{prefix}.{council}.waiting", "application", (), kind=WAITING, image=image),
    )


def plan(prefix: str = "p", image: str = IMAGE) -> Plan:
    """Return the plan of both councils; all names begin with `prefix`."""
    return Plan(
        partnership=prefix,
        title="P",
        domain="test",
        agreed=date(2006, 10, 10),
        as_of=date(2026, 11, 22),
        stacks=tuple(stack(prefix, council, number, image) for number, council in enumerate(COUNCILS, 1)),
        certificates=(),
        tenants=tuple(tenant(prefix, council) for council in COUNCILS),
        mirrors=(
            MirrorPlan(
                "erp",
                "ERP",
                "morpeth",
                "durham-dc",
                f"{prefix}.pg",
                f"{prefix}.pg-standby",
                {"morpeth": "morpeth", "durham-dc": "durham_dc"},
                60,
                900,
                False,
                None,
            ),
        ),
        backups=(BackupPlan("erp", "durham-dc", f"{prefix}.repository", "erp", 3600, 604800, 1209600),),
        drills=(),
        external=(),
        planned=(
            PlannedUse("northumberland", "crm", None, None, None, NOWHERE),
            PlannedUse("durham", "erp", "time-management", None, date(2027, 1, 1), NOWHERE),
        ),
        approvals={},
        identities={},
        policy=Policy(),
    )
