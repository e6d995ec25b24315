"""The failover drill: in the isolated copy the primary's site is killed, and the mirror's takes over."""

from __future__ import annotations

import time

from moothall.docker_engine.errors import translate_docker_errors
from moothall.failures import Inconclusive
from moothall.model.outcome import PASSED, CheckResult
from moothall.model.planned import Container, Stack
from moothall.operations.drill.recovery_objectives import Measured
from moothall.operations.drill.restore import fill, server_of
from moothall.operations.drill.sandbox import Stage
from moothall.operations.restore.subject import Subject
from moothall.operations.switchover.server import servers
from moothall.operations.switchover.steps import RoleExchange, exchange_roles
from moothall.ports import Vault
from moothall.postgres import trial_writes
from moothall.postgres.session import MAINTENANCE, SUPERUSER, Session
from moothall.verify import verify
from moothall.verify.checks import waiting
from moothall.waiting import wait_until

_WRITES = 20
_CATCH_UP_SECONDS = 300.0


def failover_drill(subject: Subject, vault: Vault, place: Stage) -> Measured:
    """Stand up the isolated copy with the real data, kill its first site while it is written to, and fail over.

    Recovery time counts from the command to the last login: that somebody notices is not in it. Recovery point is how
    much older the last write is that the mirror has than the last that was confirmed. Raises Inconclusive.
    """
    _stood_up(subject, vault, place)
    [mirror] = place.plan.mirrors
    server, both = server_of(place.plan), servers(place.plan, mirror, place.engines)
    confirmed = _written(place, server)
    _kill(place, mirror.primary_site)
    begun = time.monotonic()
    done = exchange_roles(None, both[mirror.site], mirror.slots[mirror.primary_site], "a drill")
    logins = place.log_in()
    took = round(time.monotonic() - begun, 1) if all(r.status == PASSED for r in logins) else None
    kept = trial_writes.last(_session(place, mirror.standby))
    return Measured(took, round(max(0.0, confirmed - kept), 3), (_promoted(subject, mirror.site, done), *logins))


def _stood_up(subject: Subject, vault: Vault, place: Stage) -> None:
    """Stand everything up, with the real data, and see that it is as it is on any day: served, mirrored, waited for."""
    place.up(lambda stack: stack.kind != "council")
    fill(subject, vault, place)
    place.up()
    failed = [result for result in place.log_in() if result.status != PASSED]
    if failed:
        raise Inconclusive(f"before the failover: {failed[0].subject}: {failed[0].detail}")
    [mirror] = place.plan.mirrors
    primary = servers(place.plan, mirror, place.engines)[mirror.primary_site]
    primary.wait(lambda state: state.follower == "streaming", "has no standby that streams", _CATCH_UP_SECONDS)
    place.progress.stage("waiting for the mirror's applications to wait")
    if not wait_until(lambda: _all_wait(place), _CATCH_UP_SECONDS, 2.0):
        raise Inconclusive("before the failover: the mirror's applications are not ready to take over")


def _all_wait(place: Stage) -> bool:
    seen = verify(place.plan, place.vault, place.engines, checks=(waiting,))
    return all(result.status == PASSED for result in seen)


def _written(place: Stage, server: Container) -> float:
    """Write again and again, and return when the last confirmed write was, in seconds since 1970."""
    session = _session(place, server.name)
    trial_writes.prepare(session)
    return [trial_writes.write(session) for _ in range(_WRITES)][-1]


def _session(place: Stage, server: str) -> Session:
    return Session(place.engine, server, SUPERUSER, MAINTENANCE)


def _kill(place: Stage, site: str) -> None:
    """Kill every container of a site at once, as a power cut would; its relays for councils' own networks stay."""
    names = [c.name for stack in place.plan.stacks for c in stack.containers if _lost(stack, c, site)]
    with translate_docker_errors(f"{site} cannot be killed"):
        for found in place.engine.running({"name": [f"^/{name}$" for name in names]}):
            place.engine.kill(found["Id"])


def _lost(stack: Stack, container: Container, site: str) -> bool:
    return stack.site == site and container.role in ("postgres", "application", "gateway")


def _promoted(subject: Subject, site: str, done: RoleExchange) -> CheckResult:
    took = round(done.ended - done.began, 3)
    detail = f"primary on timeline {done.primary.timeline}"
    return CheckResult(f"promote.{subject.instance}", f"The server at {site} serves", PASSED, detail, took)
