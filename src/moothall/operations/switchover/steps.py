"""The steps of a switch: fence the old server, promote the new one, log in, have the old one follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from moothall.failures import Inconclusive
from moothall.model.engines import Engines
from moothall.model.outcome import PASSED, SKIPPED, CheckResult
from moothall.model.planned import MirrorPlan, Plan
from moothall.operations.switchover.server import FENCED, MISSING, PRIMARY, STANDBY, Server, State
from moothall.ports import Progress, Vault
from moothall.verify import Gate, by_council, wait_ready

DRAIN_SECONDS = 10.0
"""How long a standby may take to receive the last log of a server that was stopped in order."""
CATCH_UP_SECONDS = 120.0
LOGIN_SECONDS = 120.0
"""How long every tenant is tried to log in to: as long as after `up`."""
_PREPARE_SECONDS = 180.0
"""How long what will log in may take to stand ready; users are served meanwhile."""


class RoleExchange(NamedTuple):
    """The result of changing roles: the states of the new primary and of the old one, and when it was done.

    `old_state` is None when the old server could not be reached. `complete` says whether the new one is known to have
    all that the old one wrote. `promotion_time` is in UTC (ISO 8601), the others are of a monotonic clock, in seconds.
    """

    primary: State
    old_state: State | None
    complete: bool
    promotion_time: str
    start_time: float
    end_time: float


class Loss(NamedTuple):
    """What only the old server had: bytes of log and committed transactions (-1: unknown).

    `was_copied` says whether its cluster was copied anew. `seconds` lie between the first and the last of those
    transactions, None when that is unknown.
    """

    was_copied: bool
    bytes: int
    commits: int
    seconds: float | None


def exchange_roles(
    old: Server | None, new: Server, old_slot: str, why: str, on_fenced: Callable[[], object] = lambda: None
) -> RoleExchange:
    """Fence the old server, None when its engine does not answer, and make the new one the primary.

    `on_fenced` is called when nothing is served any more and before the promotion, once. Made again it goes on. Raises
    `Inconclusive`; then the fence is up and the new server is no primary yet, or it is one already.
    """
    new_state = new.look()
    if old and new_state.role == STANDBY and old.look().role == PRIMARY:
        old.checkpoint()
    start_time = time.monotonic()
    old_state = old.fence(why) if old else None
    complete = new_state.role == PRIMARY or _wait_for_last_log(new, old_state)
    on_fenced()
    primary = new.promote(old_slot)
    return RoleExchange(primary, old_state, complete, _utc_now(), start_time, time.monotonic())


def _wait_for_last_log(new: Server, old_state: State | None) -> bool:
    """Wait for the last log of a server that was stopped in order; return whether it came."""
    if old_state is None or not old_state.clean_shutdown:
        return False
    try:
        new.wait(lambda state: state.position > old_state.position or state.role == PRIMARY, "has all", DRAIN_SECONDS)
    except Inconclusive:
        return False
    return True


def follow(server: Server, primary: Server, find_missing_link: Callable[[], str]) -> Loss:
    """Make a standby of a server that was the primary, and wait until it streams; a fence is put up first if need be.

    `find_missing_link` returns what is missing on the way between the two, "" for nothing. Raises `Inconclusive`, at
    once where waiting is in vain.
    """
    if server.look().role == MISSING:
        raise Inconclusive(f"The server at {server.site} is missing.")
    if reason := find_missing_link():
        raise Inconclusive(reason)
    if server.come_up().role == PRIMARY:
        server.fence(f"replaced by {primary.site}")
        server.wait(lambda state: state.role == FENCED, "is not fenced")
    outcome = server.follow()
    primary.wait(lambda state: state.follower == "streaming", "has no standby that streams", CATCH_UP_SECONDS)
    return Loss(outcome["copied"], outcome["lostBytes"], outcome["lostCommits"], outcome["lostSeconds"])


class Logins:
    """Logging in as every tenant of an instance, begun in the background."""

    def __init__(
        self,
        ask: Callable[[Gate | None], tuple[CheckResult, ...]],
        count: int,
        skipped_results: tuple[CheckResult, ...],
    ) -> None:
        """Take what logs in, the number of councils, and the results of tenants that cannot be tried."""
        self._ask = ask
        self._count = count
        self._skipped_results = skipped_results
        self._pool = ThreadPoolExecutor(1)
        self._gate: Gate | None = None
        self._future: Future[tuple[CheckResult, ...]] | None = None
        self._start_time = 0.0

    def prepare(self) -> None:
        """Start the probes, so that `begin` costs nothing, and wait until they are ready."""
        self._gate = Gate(self._count)
        self._future = self._pool.submit(self._ask, self._gate)
        self._gate.wait_for_all(_PREPARE_SECONDS)

    def start(self) -> None:
        """Begin, unless all stands ready: starting takes longer than a promotion; asking before one helps nobody."""
        if not self._gate:
            self.begin()

    def begin(self) -> None:
        """Begin to log in, from each council's own network, until each can; once."""
        if self._start_time:
            return
        self._start_time = time.monotonic()
        if self._gate:
            self._gate.open()
        else:
            self._future = self._pool.submit(self._ask, None)

    def give_up(self) -> None:
        """Send away what stands ready, if it has not begun."""
        if self._gate:
            self._gate.shut()

    def results(self) -> tuple[CheckResult, ...]:
        """Wait for the results; their seconds count from `begin`."""
        self.begin()
        assert self._future is not None
        with self._pool:
            return self._future.result() + self._skipped_results

    def login_times(self, results: Sequence[CheckResult]) -> tuple[float, float] | None:
        """Return when the first and when the last tenant could log in, None unless all could."""
        attempted_results = [result for result in results if result.status != SKIPPED]
        if not attempted_results or any(result.status != PASSED for result in attempted_results):
            return None
        seconds = [self._start_time + result.seconds for result in attempted_results]
        return min(seconds), max(seconds)


def logins(
    plan: Plan,
    vault: Vault,
    engines: Engines,
    mirror: MirrorPlan,
    target_site: str,
    silent_sites: Iterable[str],
    progress: Progress,
) -> Logins:
    """Return the logins of an instance's tenants, not begun, as `target_site` is about to serve them.

    Tenants whose site is one of `silent_sites` cannot be tried.
    """
    sites = {network.name: stack.site for stack in plan.stacks for network in stack.networks}
    tenants = [tenant for tenant in plan.tenants if tenant.instance == mirror.instance]
    reachable_tenants = [tenant for tenant in tenants if sites[tenant.network] not in silent_sites]
    skipped_results = tuple(
        CheckResult(
            f"login.{tenant.council}.{tenant.instance}",
            f"{tenant.council_title} logs in to {tenant.instance_title}",
            SKIPPED,
            f"its own site, {sites[tenant.network]}, does not answer; when it is back its relay leads to "
            f"{target_site}, and nothing else is to be done",
        )
        for tenant in tenants
        if tenant not in reachable_tenants
    )
    ask = partial(wait_ready, plan, vault, engines, reachable_tenants, LOGIN_SECONDS, progress)
    return Logins(ask, len(by_council(reachable_tenants)), skipped_results)


def _utc_now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
