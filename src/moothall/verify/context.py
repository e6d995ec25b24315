"""The shared state of one run: the plan, its engines, and one probe for each council, run once for all its tasks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from functools import cached_property
from secrets import token_hex

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.docker_engine.port import EngineObject
from moothall.failures import Inconclusive
from moothall.model.image import is_image_id, repository
from moothall.model.planned import Container, Plan, TenantPlan
from moothall.ports import Vault
from moothall.verify.clocks import ClockOffset, clock_offset
from moothall.verify.probe import ListeningSockets, Order, Place, ProbeReply, probe
from moothall.verify.reachability_scan import OWN_PORT, Target, targets
from moothall.verify.trail import Memory

DEPENDS = "/srv/modules.json"
"""Where the Tryton image keeps the dependency table of its modules."""
HOST_NETWORK = "host"
"""Docker's name for the machine's own view of the network."""
_ANY_PORT = 22


class VerifyContext:
    """What the tasks of one run look at together."""

    def __init__(
        self,
        plan: Plan,
        vault: Vault,
        engine_pool: EnginePool,
        probes: Executor,
        trail_memory: Memory | None = None,
    ) -> None:
        """Take what is expected, the secrets for logging in, where to look, who runs the probes, and what is remembered
        of the logs."""
        self.trail_memory = trail_memory
        self.trail_mark = f"verify-{token_hex(8)}"
        self.plan = plan
        self.vault = vault
        self.engine_pool = engine_pool
        self._executor = probes
        self._probes: dict[str, Future[ProbeReply]] = {}
        self._clocks: dict[Engine, ClockOffset] = {}
        self._lock = threading.Lock()
        self._sockets: dict[Engine, ListeningSockets | Inconclusive] = {}

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """Every address and port that a sweep tries; asked of the engines once, before the probes start.

        What stands on an engine that does not answer cannot be tried, and cannot be reached either.
        """
        return targets(self.plan, self.containers)

    @cached_property
    def containers(self) -> tuple[EngineObject, ...]:
        """Every container of the engines that answer, the plan's and others, in the engine's own summary."""
        return tuple(container for engine in self.answering_engines for container in engine.containers())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name by which a container of the plan is known on any network."""
        containers = [container for stack in self.plan.stacks for container in stack.containers]
        aliases = {alias for container in containers for place in container.networks for alias in place.aliases}
        return tuple(sorted(aliases | {container.name for container in containers}))

    @cached_property
    def answering_engines(self) -> tuple[Engine, ...]:
        """The engines that answer. Raises `Inconclusive` when none does."""
        reasons = {engine: _silence(engine) for engine in self.engine_pool.all}
        engines = tuple(engine for engine, why in reasons.items() if not why)
        if not engines:
            raise Inconclusive("; ".join(reasons.values()))
        return engines

    def clock(self, site: str) -> ClockOffset:
        """Return how far the clock of a site's engine is ahead; each engine is asked once."""
        engine = self.engine_pool.of_site(site)
        with self._lock:
            if engine not in self._clocks:
                self._clocks[engine] = clock_offset(engine.time)
            return self._clocks[engine]

    def look_at_machines(self) -> None:
        """Ask every engine's machine, from its own view of the network, what it listens on."""
        own_place = place(self.plan, self.plan.tenants[0])
        for engine in self.answering_engines:
            machine_place = Place(
                own_place.partnership, f"the machine of {engine.host}", HOST_NETWORK, own_place.image, own_place.user
            )
            try:
                order = Order(with_sockets=True, deadline_seconds=30)
                self._sockets[engine] = probe(engine, machine_place, order, self.vault.authority()).sockets
            except Inconclusive as reason:
                self._sockets[engine] = reason

    def machine(self, engine: Engine, network: str) -> tuple[tuple[str, int], ...]:
        """Return all doors at which an engine's machine might be met from a network; none if it was not asked.

        Where it listens on nothing, one port is left: the machine would refuse there, and so would have been reached.
        """
        sockets = self._sockets.get(engine)
        if not isinstance(sockets, ListeningSockets):
            return ()
        gateways = {
            planned_network.gateway
            for stack in self.plan.stacks
            for planned_network in stack.networks
            if planned_network.name == network
        }
        addresses = sorted({*sockets.addresses, *gateways})
        return tuple((address, port) for address in addresses for port in sockets.ports or (_ANY_PORT,))

    def require_known_machine(self, engine: Engine) -> None:
        """Raise `Inconclusive` when the listening sockets of an engine's machine could not be read."""
        sockets = self._sockets.get(engine)
        if isinstance(sockets, Inconclusive):
            raise sockets

    def send_probes(self, councils: Iterable[str]) -> None:
        """Start a probe for each council; `answer` waits for them."""
        for council in councils:
            pairs = tuple(target.pair for target in self.targets)
            self._probes[council] = self._executor.submit(self._probe, council, pairs)

    def answer(self, council: str) -> ProbeReply:
        """Return what the council's probe saw; raises `Inconclusive` when it could not be asked."""
        if council not in self._probes:
            raise Inconclusive(f"No probe was sent to the network of {council}.")
        return self._probes[council].result()

    def shared_probe(self, key: str, send_probe: Callable[[], ProbeReply]) -> ProbeReply:
        """Return the reply of a further probe, which the first caller with this key starts and all callers share."""
        with self._lock:
            if key not in self._probes:
                self._probes[key] = self._executor.submit(send_probe)
        return self._probes[key].result()

    def _to_plant(self) -> dict[str, object]:
        """Return what has a probe plant an event, where logs are gathered: nobody has such a name."""
        return {"plant": self.trail_mark} if self.plan.trail else {}

    def _probe(self, council: str, pairs: tuple[tuple[str, int], ...]) -> ProbeReply:
        """Ask everything about one council in one go."""
        tenants = [tenant for tenant in self.plan.tenants if tenant.council == council]
        own_relays = {(tenant.relay, tenant.network) for tenant in tenants}
        engine = self.engine_pool.of_network(tenants[0].network)
        order = Order(
            tenants=tuple(tenant_order(tenant, self.vault, proofs=True) | self._to_plant() for tenant in tenants),
            targets=pairs,
            controls=tuple(
                number
                for number, target in enumerate(self.targets)
                if (target.container, target.network) in own_relays and target.port == OWN_PORT
            ),
            names=self.names,
            machine=self.machine(engine, tenants[0].network),
            depends=DEPENDS,
        )
        return probe(engine, place(self.plan, tenants[0]), order, self.vault.people_authority())


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
    return Place(plan.partnership, tenant.council, tenant.network, probe_image(plan, application), application.user)


def probe_image(plan: Plan, application: Container) -> str:
    """Return the ID of an application's image or, where it was not built yet, of the version that was built before.

    After an update of this program what stands is older until the next `up`, and has to be looked at all the same; a
    probe brings its own program. Where nothing was ever built, it is the tag, by which nothing is run.
    """
    if is_image_id(application.image):
        return application.image
    return plan.former_images.get(repository(application.image), application.image)


def planned_container(plan: Plan, name: str) -> Container:
    """Return a container of the plan by its name; the plan names no container that it does not have."""
    return next(container for stack in plan.stacks for container in stack.containers if container.name == name)
