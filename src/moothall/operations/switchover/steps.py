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
    """What came of changing roles: the new primary, what could be seen of the old one, and what was measured.

    `fenced` is None when the old server could not be reached. `complete` says whether the new one is known to have
    all that the old one wrote. Times are of a monotonic clock, in seconds.
    """

    primary: State
    fenced: State | None
    complete: bool
    since: str
    began: float
    ended: float


class Lost(NamedTuple):
    """What only the old server had: bytes of log and committed transactions (-1: cannot be told); `copied` anew?

    `seconds` lie between the first and the last of those transactions, None when that cannot be told.
    """

    copied: bool
    bytes: int
    commits: int
    seconds: float | None


def exchange_roles(
    old: Server | None, new: Server, old_slot: str, why: str, fenced: Callable[[], object] = lambda: None
) -> RoleExchange:
    """Fence the old server, None when its engine does not answer, and make the new one the primary.

    `fenced` is called when nothing is served any more and before the promotion, once. Made again it goes on. Raises
    `Inconclusive`; then the fence is up and the new server is no primary yet, or it is one already.
    """
    before = new.look()
    if old and before.role == STANDBY and old.look().role == PRIMARY:
        old.checkpoint()
    began = time.monotonic()
    left = old.fence(why) if old else None
    complete = before.role == PRIMARY or _has_all(new, left)
    fenced()
    primary = new.promote(old_slot)
    return RoleExchange(primary, left, complete, _now(), began, time.monotonic())


def _has_all(new: Server, left: State | None) -> bool:
    """Wait for the last log of a server that was stopped in order; say whether it came."""
    if left is None or not left.clean_shutdown:
        return False
    try:
        new.wait(lambda state: state.position > left.position or state.role == PRIMARY, "has all", DRAIN_SECONDS)
    except Inconclusive:
        return False
    return True


def follow(server: Server, primary: Server, cut: Callable[[], str]) -> Lost:
    """Make a standby of a server that was the primary, and wait until it streams; a fence is put up first if need be.

    `cut` says what is missing on the way between the two. Raises `Inconclusive`, at once where waiting is in vain.
    """
    if server.look().role == MISSING:
        raise Inconclusive(f"The server at {server.site} is missing.")
    if why := cut():
        raise Inconclusive(why)
    if server.come_up().role == PRIMARY:
        server.fence(f"replaced by {primary.site}")
        server.wait(lambda state: state.role == FENCED, "is not fenced")
    said = server.follow()
    primary.wait(lambda state: state.follower == "streaming", "has no standby that streams", CATCH_UP_SECONDS)
    return Lost(said["copied"], said["lostBytes"], said["lostCommits"], said["lostSeconds"])


class Logins:
    """Logging in as every tenant of an instance, begun in the background."""

    def __init__(
        self, asked: Callable[[Gate | None], tuple[CheckResult, ...]], count: int, skipped: tuple[CheckResult, ...]
    ) -> None:
        """Take how to ask, how many councils, and the results of tenants nobody can ask for; nothing is begun."""
        self._ask = asked
        self._count = count
        self._skipped = skipped
        self._pool = ThreadPoolExecutor(1)
        self._gate: Gate | None = None
        self._future: Future[tuple[CheckResult, ...]] | None = None
        self._began = 0.0

    def prepare(self) -> None:
        """Have everything stand ready by which it is asked, so that `begin` costs nothing; waits until it does."""
        self._gate = Gate(self._count)
        self._future = self._pool.submit(self._ask, self._gate)
        self._gate.wait_for_all(_PREPARE_SECONDS)

    def start(self) -> None:
        """Begin, unless all stands ready: starting takes longer than a promotion; asking before one helps nobody."""
        if not self._gate:
            self.begin()

    def begin(self) -> None:
        """Begin to ask, from each council's own network, until each can log in; once."""
        if self._began:
            return
        self._began = time.monotonic()
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
            return self._future.result() + self._skipped

    def served(self, results: Sequence[CheckResult]) -> tuple[float, float] | None:
        """Return when the first and when the last tenant could log in, None unless all could."""
        asked = [result for result in results if result.status != SKIPPED]
        if not asked or any(result.status != PASSED for result in asked):
            return None
        seconds = [self._began + result.seconds for result in asked]
        return min(seconds), max(seconds)


def logins(
    plan: Plan, vault: Vault, engines: Engines, mirror: MirrorPlan, to: str, silent: Iterable[str], progress: Progress
) -> Logins:
    """Return the logins of an instance's tenants, not begun, as the site `to` is about to serve them.

    Nobody can be asked at sites whose engine is `silent`.
    """
    sites = {network.name: stack.site for stack in plan.stacks for network in stack.networks}
    tenants = [tenant for tenant in plan.tenants if tenant.instance == mirror.instance]
    there = [tenant for tenant in tenants if sites[tenant.network] not in silent]
    skipped = tuple(
        CheckResult(
            f"login.{tenant.council}.{tenant.instance}",
            f"{tenant.council_title} logs in to {tenant.instance_title}",
            SKIPPED,
            f"its own site, {sites[tenant.network]}, does not answer; when it is back its relay leads to {to}, and "
            "nothing else is to be done",
        )
        for tenant in tenants
        if tenant not in there
    )
    ask = partial(wait_ready, plan, vault, engines, there, LOGIN_SECONDS, progress)
    return Logins(ask, len(by_council(there)), skipped)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
