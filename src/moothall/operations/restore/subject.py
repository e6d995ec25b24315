"""What is to be restored: an instance with all its tenants, or one council's tenant of it."""

from __future__ import annotations

from dataclasses import dataclass

from moothall.docker_engine.pool import EnginePool
from moothall.failures import USAGE, Inconclusive, OperationError
from moothall.model.planned import BackupPlan, Container, Plan, TenantPlan
from moothall.model.stackname import parts, stack_of
from moothall.plan import naming
from moothall.postgres.server import find_primary


@dataclass(frozen=True)
class Subject:
    """An instance with its backup target and tenants; with `council` only that council's tenant is restored."""

    plan: Plan
    backup: BackupPlan
    tenants: tuple[TenantPlan, ...]
    council: str | None

    @property
    def instance(self) -> str:
        """The instance's name."""
        return self.backup.instance

    @property
    def name(self) -> str:
        """The name by which it is confirmed: the council's or the instance's."""
        return self.council or self.instance

    @property
    def words(self) -> str:
        """The arguments of `restore` that choose this subject: a council may have tenants of several instances."""
        return f"{self.council} --instance {self.instance}" if self.council else self.instance

    @property
    def copy(self) -> str:
        """The engine's name of the copy beside, its container and its volume."""
        stack = naming.unit_stack(self.plan.partnership, self.instance, self.backup.site)
        return naming.engine_name(stack, f"copy-{self.council}" if self.council else "copy")

    @property
    def servers(self) -> tuple[Container, ...]:
        """The instance's database servers."""
        return self.plan.servers(self.instance)

    @property
    def home(self) -> Container:
        """The server at the instance's own site."""
        standby_names = {mirror.standby for mirror in self.plan.mirrors}
        return next(server for server in self.servers if server.name not in standby_names)

    @property
    def stacks(self) -> tuple[str, ...]:
        """The stacks that nobody else may change meanwhile: the instance's and its tenants'."""
        councils = {tenant.council for tenant in self.tenants}
        return tuple(
            stack.name
            for stack in self.plan.stacks
            if (stack.kind == "instance" and stack.unit == self.instance) or stack.council in councils
        )

    @property
    def jobs(self) -> tuple[str, ...]:
        """The jobs that prepare its tenants."""
        councils = {tenant.council for tenant in self.tenants}
        containers = (container for stack in self.plan.stacks for container in stack.containers)
        return tuple(
            c.name for c in containers if (c.role, c.instance) == ("prepare", self.instance) and c.council in councils
        )

    def repository(self) -> Container:
        """Return the container of the backup repository."""
        return next(c for c in self._containers() if c.name == self.backup.repository)

    def application(self, tenant: TenantPlan, server: Container) -> str:
        """Return the tenant's application at the site of a server."""
        waiting_application = tenant.waiting_application
        return (
            waiting_application
            if waiting_application and site_of(server) == site_of_name(waiting_application)
            else tenant.application
        )

    def _containers(self) -> list[Container]:
        return [c for stack in self.plan.stacks if stack.unit == self.instance for c in stack.containers]


def site_of(container: Container) -> str:
    """Return the site of a container."""
    return site_of_name(container.name)


def site_of_name(container: str) -> str:
    """Return the site in a container's name, which is its stack's name and a key."""
    return parts(stack_of(container)).site


def primary(subject: Subject, pool: EnginePool) -> Container | None:
    """Return the instance's server that takes writes now, None when none answers."""
    servers = {server.name: server for server in subject.servers}
    try:
        return servers[find_primary(servers, pool).container]
    except Inconclusive:
        return None


def choose(plan: Plan, name: str, instance: str | None) -> Subject:
    """Return what `name` means: an instance, or a council, whose tenant of `instance` is meant if it has several.

    Raises OperationError for a name that is neither, and for an instance without backups.
    """
    if any(stack.kind == "instance" and stack.unit == name for stack in plan.stacks):
        tenants = tuple(tenant for tenant in plan.tenants if tenant.instance == name)
        return Subject(plan, _backup(plan, name), tenants, None)
    matching_tenants = [t for t in plan.tenants if t.council == name and instance in (None, t.used, t.instance)]
    if not matching_tenants:
        names = sorted({t.instance for t in plan.tenants} | {t.council for t in plan.tenants})
        what = f"{name} is neither an instance nor a council with a tenant" + (f" of {instance}" if instance else "")
        raise OperationError(what, hint=f"one of: {', '.join(names)}" if names else "moothall plan", exit_code=USAGE)
    if len(matching_tenants) > 1:
        what = f"{name} has a tenant of {' and of '.join(t.instance for t in matching_tenants)}"
        raise OperationError(what, hint=f"add --instance {matching_tenants[0].instance}", exit_code=USAGE)
    return Subject(plan, _backup(plan, matching_tenants[0].instance), tuple(matching_tenants), name)


def _backup(plan: Plan, instance: str) -> BackupPlan:
    for backup in plan.backups:
        if backup.instance == instance:
            return backup
    raise OperationError(
        f"{instance} has no backup target, so there is nothing to restore from",
        hint=f"git grep -n 'backup:' partnerships/{plan.partnership}/partnership.yaml  # and give the instance one",
        exit_code=USAGE,
    )
