"""The scene of one run: the plan, its engines, and one probe for each council, asked once and shared by its tasks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from functools import cached_property

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.docker_engine.port import Inspected
from moothall.failures import Inconclusive
from moothall.model.planned import Container, Plan, TenantPlan
from moothall.ports import Vault
from moothall.verify.clocks import Ahead, ahead
from moothall.verify.probe import Listening, Order, Place, ProbeReply, probe
from moothall.verify.reachability_scan import OWN_PORT, Target, targets

DEPENDS = "/srv/modules.json"
"""Where the Tryton image keeps the dependency table of its modules."""
HOST_NETWORK = "host"
"""Docker's name for the machine's own view of the network."""
_ANY_PORT = 22


class VerifyContext:
    """What the tasks of one run look at together."""

    def __init__(self, plan: Plan, vault: Vault, engine_pool: EnginePool, probes: Executor) -> None:
        """Take what is expected, the secrets for logging in, where to look, and who runs the probes."""
        self.plan = plan
        self.vault = vault
        self.engine_pool = engine_pool
        self._executor = probes
        self._probes: dict[str, Future[ProbeReply]] = {}
        self._clocks: dict[Engine, Ahead] = {}
        self._asking = threading.Lock()
        self._listening: dict[Engine, Listening | Inconclusive] = {}

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """Every address and port that a sweep tries; asked of the engines once, before the probes start.

        What stands on an engine that does not answer cannot be tried, and cannot be reached either.
        """
        return targets(self.plan, self.containers)

    @cached_property
    def containers(self) -> tuple[Inspected, ...]:
        """Every container of the engines that answer, the plan's and others, in the engine's own summary."""
        return tuple(found for engine in self.answering for found in engine.containers())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name by which a container of the plan is known on any network."""
        containers = [container for stack in self.plan.stacks for container in stack.containers]
        aliases = {alias for container in containers for place in container.networks for alias in place.aliases}
        return tuple(sorted(aliases | {container.name for container in containers}))

    @cached_property
    def answering(self) -> tuple[Engine, ...]:
        """The engines that answer. Raises `Inconclusive` when none does."""
        reasons = {engine: _silence(engine) for engine in self.engine_pool.all}
        found = tuple(engine for engine, why in reasons.items() if not why)
        if not found:
            raise Inconclusive("; ".join(reasons.values()))
        return found

    def clock(self, site: str) -> Ahead:
        """Return how far the clock of a site's engine is ahead; each engine is asked once."""
        engine = self.engine_pool.at(site)
        with self._asking:
            if engine not in self._clocks:
                self._clocks[engine] = ahead(engine.time)
            return self._clocks[engine]

    def look_at_machines(self) -> None:
        """Ask every engine's machine, from its own view of the network, what it listens on."""
        own = place(self.plan, self.plan.tenants[0])
        for engine in self.answering:
            there = Place(own.partnership, f"the machine of {engine.host}", HOST_NETWORK, own.image, own.user)
            try:
                order = Order(listening=True, deadline_seconds=30)
                self._listening[engine] = probe(engine, there, order, self.vault.authority()).listening
            except Inconclusive as reason:
                self._listening[engine] = reason

    def machine(self, engine: Engine, network: str) -> tuple[tuple[str, int], ...]:
        """Return all doors at which an engine's machine might be met from a network; none if it was not asked.

        Where it listens on nothing, one port is left: the machine would refuse there, and so would have been reached.
        """
        found = self._listening.get(engine)
        if not isinstance(found, Listening):
            return ()
        gateways = {each.gateway for stack in self.plan.stacks for each in stack.networks if each.name == network}
        addresses = sorted({*found.addresses, *gateways})
        return tuple((address, port) for address in addresses for port in found.ports or (_ANY_PORT,))

    def known_machine(self, engine: Engine) -> None:
        """Raise `Inconclusive` when it could not be found out what an engine's machine listens on."""
        found = self._listening.get(engine)
        if isinstance(found, Inconclusive):
            raise found

    def send_probes(self, councils: Iterable[str]) -> None:
        """Start a probe for each council; `answer` waits for them."""
        pairs = tuple(target.pair for target in self.targets)
        for council in councils:
            self._probes[council] = self._executor.submit(self._probe, council, pairs)

    def answer(self, council: str) -> ProbeReply:
        """Return what the council's probe saw; raises `Inconclusive` when it could not be asked."""
        if council not in self._probes:
            raise Inconclusive(f"No probe was sent to the network of {council}.")
        return self._probes[council].result()

    def once(self, what: str, probing: Callable[[], ProbeReply]) -> ProbeReply:
        """Return the answer of a further probe, sent by whoever asks for it first and shared by all who do."""
        with self._asking:
            if what not in self._probes:
                self._probes[what] = self._executor.submit(probing)
        return self._probes[what].result()

    def _probe(self, council: str, pairs: tuple[tuple[str, int], ...]) -> ProbeReply:
        """Ask everything about one council in one go."""
        tenants = [tenant for tenant in self.plan.tenants if tenant.council == council]
        own = {(tenant.relay, tenant.network) for tenant in tenants}
        engine = self.engine_pool.of_network(tenants[0].network)
        order = Order(
            tenants=tuple(tenant_order(tenant, self.vault, proofs=True) for tenant in tenants),
            targets=pairs,
            controls=tuple(
                number
                for number, target in enumerate(self.targets)
                if (target.container, target.network) in own and target.port == OWN_PORT
            ),
            names=self.names,
            machine=self.machine(engine, tenants[0].network),
            depends=DEPENDS,
        )
        return probe(engine, place(self.plan, tenants[0]), order, self.vault.authority())


def _silence(engine: Engine) -> str:
    """Return why an engine does not answer, or the empty string when it does."""
    try:
        engine.version()
    except Inconclusive as reason:
        return str(reason)
    return ""


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
