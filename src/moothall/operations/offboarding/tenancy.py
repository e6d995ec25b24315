"""The tenancies with which a council leaves, and the servers that may hold their data."""

from __future__ import annotations

from dataclasses import dataclass

from moothall.model.planned import Container, Plan, TenantPlan
from moothall.model.stackname import stack_of
from moothall.model.written import Council, Folder, Use

_SERVER = "postgres"


@dataclass(frozen=True)
class Tenancy:
    """One tenancy: what was agreed (`use`), what stands or stood for it, and its instance's servers in the plan."""

    council: Council
    use: Use
    tenant: TenantPlan
    servers: tuple[Container, ...]

    @property
    def instance(self) -> str:
        """The name of the instance, as people have it."""
        return self.tenant.used

    @property
    def database(self) -> str:
        """The name of the tenant's database and of its role."""
        return self.tenant.database

    @property
    def subject(self) -> str:
        """What people call it."""
        return f"{self.tenant.council_title} in {self.tenant.instance_title}"

    @property
    def stacks(self) -> frozenset[str]:
        """The council's stacks that hold something of it, while it was a member."""
        tenant = self.tenant
        names = (tenant.relay, tenant.application, tenant.gateway, tenant.waiting_application, tenant.waiting_gateway)
        return frozenset(stack_of(name) for name in names if name)


def tenancies(
    folder: Folder, council: str, member_plan: Plan, current_plan: Plan, instance: str | None
) -> tuple[Tenancy, ...]:
    """Return the tenancies of a council, or the one at an instance.

    `member_plan` is that of a day on which it was a member, `current_plan` today's: the servers are those of today.
    """
    [member] = [candidate for candidate in folder.councils if candidate.metadata.name == council]
    return tuple(
        Tenancy(member, member.uses[tenant.used], tenant, servers(current_plan, tenant.instance))
        for tenant in member_plan.tenants
        if tenant.council == council and instance in (None, tenant.instance, tenant.used)
    )


def servers(plan: Plan, instance: str) -> tuple[Container, ...]:
    """Return the database servers of an instance, at its own site and at its mirror's."""
    return tuple(
        container
        for stack in plan.stacks
        for container in stack.containers
        if container.role == _SERVER and container.instance == instance
    )
