"""Where a drill takes place: an isolated copy of an instance, stood up on one engine and cleared away."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from ipaddress import IPv4Network
from pathlib import Path
from tempfile import TemporaryDirectory

from moothall.deploy import deployment as deploy
from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import OVERLAPS, translate_docker_errors
from moothall.docker_engine.stale import remove_stale
from moothall.failures import Inconclusive
from moothall.model.engines import Endpoint, Engines
from moothall.model.outcome import CheckResult
from moothall.model.planned import Plan, Stack
from moothall.operations.restore import copy
from moothall.plan import digest
from moothall.ports import Progress, Vault
from moothall.pulumi_engine import Backend
from moothall.pulumi_engine.state.lock import hold
from moothall.pulumi_engine.steps.observer import SILENT
from moothall.verify import wait_ready

_PARTNERSHIP = "moothall.partnership"
_LOGIN_SECONDS = 300.0
_SOUND = ("succeeded", "unchanged")


class NetworkTaken(Inconclusive):
    """Somebody took a network of the copy after it was chosen and before it was made: another choice may do."""


class Stage:
    """One isolated copy, whole on one engine, with secrets of its own that nobody keeps."""

    def __init__(self, plan: Plan, vault: Vault, endpoint: Endpoint, progress: Progress, state: Path) -> None:
        """Take the copy's plan, its vault, its engine, a progress reporter and an empty folder for its state."""
        self.plan = plan
        self.vault = vault
        self.engines = Engines(endpoint)
        self.engine = Engine(endpoint, copy.SECONDS)
        self.progress = progress
        passphrase = secrets.token_hex(16)
        self._backend = Backend(state, lambda: passphrase)
        self._state = state

    def up(self, selects: Callable[[Stack], bool] = lambda stack: True) -> None:
        """Stand up the stacks that `selects` accepts. Raises NetworkTaken, and Inconclusive when one does not stand."""
        year = date.today().year
        deployment = deploy.Deployment(
            plan=self.plan,
            digest=lambda stack: digest(self.plan, stack, year, ""),
            vault=self.vault,
            key_id="drill",
            engines=self.engines,
            state=self._state,
            backend=self._backend,
            is_selected=selects,
        )
        changes = deploy.up(deployment, (), self.progress, threading.Event())
        failed_changes = [change for change in changes if change.status not in _SOUND]
        if failed_changes:
            failures = [failure.message for change in failed_changes for failure in change.failures]
            kind = NetworkTaken if any(words in failure for failure in failures for words in OVERLAPS) else Inconclusive
            first_change = next((change for change in failed_changes if change.failures), failed_changes[0])
            reason = (
                first_change.failures[0].message
                if first_change.failures
                else first_change.reason or first_change.status
            )
            raise kind(f"{first_change.stack} could not be stood up: {reason}")

    def log_in(self) -> tuple[CheckResult, ...]:
        """Log in as every tenant from its own council's network, and return the results."""
        self.progress.stage(f"waiting for {len(self.plan.tenants)} tenants to answer")
        return wait_ready(self.plan, self.vault, self.engines, self.plan.tenants, _LOGIN_SECONDS, self.progress)


@contextmanager
def stage(plan: Plan, vault: Vault, endpoint: Endpoint, progress: Progress, locks: Backend) -> Iterator[Stage]:
    """Give an empty stage and clear it afterwards; what a killed drill left is cleared first.

    Raises Locked while another drill is on it, and Inconclusive.
    """
    with hold(locks, deploy.PROJECT, plan.partnership, SILENT), TemporaryDirectory(prefix="moothall-drill-") as state:
        place = Stage(plan, vault, endpoint, progress, Path(state))
        clear(place.engine, plan.partnership)
        try:
            yield place
        finally:
            progress.stage(f"clearing {plan.partnership}")
            clear(place.engine, plan.partnership)


def clear(engine: Engine, name: str) -> None:
    """Remove everything on the engine that carries the copy's name, and the probes that a killed drill has left."""
    copy.discard(engine, name)
    remove_stale(engine, name)
    with translate_docker_errors(f"{name} cannot be cleared away"):
        engine.remove_labelled(f"{_PARTNERSHIP}={name}")


def used_networks(engine: Engine) -> list[IPv4Network]:
    """Return the networks that the engine has already."""
    pools = [pool for network in engine.networks() for pool in (network.get("IPAM") or {}).get("Config") or ()]
    subnets = [pool.get("Subnet", ":") for pool in pools]
    return [IPv4Network(subnet, strict=False) for subnet in subnets if ":" not in subnet]  # as somebody has written it
