"""The scene of one run: the plan, the engine, and one probe for each council, asked once and shared by its tasks."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor, Future
from functools import cached_property

from moothall.model.planned import Container, Plan, TenantPlan
from moothall.ports import Vault
from moothall.verify.engine import Engine
from moothall.verify.probe import Answer, Order, Place, probe
from moothall.verify.sweep import OWN_PORT, Target, targets
from moothall.verify.task import CouldNotRun

DEPENDS = "/srv/modules.json"
"""Where the Tryton image keeps the dependency table of its modules."""


class Scene:
    """What the tasks of one run look at together."""

    def __init__(self, plan: Plan, vault: Vault, engine: Engine, probes: Executor) -> None:
        """Take what is expected, the secrets for logging in, where to look, and who runs the probes."""
        self.plan = plan
        self.vault = vault
        self.engine = engine
        self._executor = probes
        self._probes: dict[str, Future[Answer]] = {}

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """Every address and port that a sweep tries; asked of the engine once, before the probes start."""
        return targets(self.plan, self.engine.containers())

    def send_probes(self, councils: Iterable[str]) -> None:
        """Start a probe for each council; `answer` waits for them."""
        pairs = tuple(target.pair for target in self.targets)
        for council in councils:
            self._probes[council] = self._executor.submit(self._probe, council, pairs)

    def answer(self, council: str) -> Answer:
        """Return what the council's probe saw; raises `CouldNotRun` when it could not be asked."""
        if council not in self._probes:
            raise CouldNotRun(f"No probe was sent to the network of {council}.")
        return self._probes[council].result()

    def _probe(self, council: str, pairs: tuple[tuple[str, int], ...]) -> Answer:
        """Ask everything about one council in one go."""
        tenants = [tenant for tenant in self.plan.tenants if tenant.council == council]
        order = Order(
            tuple(tenant_order(tenant, self.vault, proofs=True) for tenant in tenants), pairs, depends=DEPENDS
        )
        return probe(self.engine, place(self.plan, tenants[0]), order, self.vault.authority())


def tenant_order(tenant: TenantPlan, vault: Vault, *, proofs: bool) -> dict[str, object]:
    """Return how a probe logs in to a tenant; with `proofs`, which models show that its modules work."""
    return {
        "instance": tenant.instance,
        "host_name": tenant.host_name,
        "port": OWN_PORT,
        "database": tenant.database,
        "login": tenant.login,
        "password": vault.secret(tenant.admin_secret),
        "proof_models": sorted(set(tenant.proof_models.values())) if proofs else [],
    }


def place(plan: Plan, tenant: TenantPlan) -> Place:
    """Return where the probe of a tenant's council stands: its network, with the application's image and user."""
    application = planned_container(plan, tenant.application)
    return Place(plan.partnership, tenant.council, tenant.network, application.image, application.user)


def planned_container(plan: Plan, name: str) -> Container:
    """Return a container of the plan by its name; the plan names no container that it does not have."""
    return next(container for stack in plan.stacks for container in stack.containers if container.name == name)
