"""The failover drill: in the isolated copy the primary's site is killed, and the mirror's takes over."""

from __future__ import annotations

import time

from moothall.docker_engine.errors import translate_docker_errors
from moothall.failures import Inconclusive
from moothall.model.outcome import PASSED, CheckResult
from moothall.model.planned import Container, Stack
from moothall.operations.drill.measurement import Measurement
from moothall.operations.drill.restore import fill, server_of
from moothall.operations.drill.sandbox import Stage
from moothall.operations.restore.subject import Subject
from moothall.operations.switchover.server import servers
from moothall.operations.switchover.steps import RoleExchange, exchange_roles
from moothall.ports import Vault
from moothall.postgres import trial_writes
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import Session
from moothall.verify import verify
from moothall.verify.checks import waiting
from moothall.waiting import wait_until

_WRITES = 20
_CATCH_UP_SECONDS = 300.0


def failover_drill(subject: Subject, vault: Vault, place: Stage) -> Measurement:
    """Stand up the isolated copy with the real data, kill its first site while it is written to, and fail over.

    Recovery time counts from the command to the last login: that somebody notices is not in it. Recovery point is how
    much older the last write is that the mirror has than the last that was confirmed. Raises Inconclusive.
    """
    _stand_up(subject, vault, place)
    [mirror] = place.plan.mirrors
    server, servers_by_site = server_of(place.plan), servers(place.plan, mirror, place.engines)
    confirmed_time = _write_trials(place, server)
    _kill(place, mirror.primary_site)
    start_time = time.monotonic()
    exchange = exchange_roles(None, servers_by_site[mirror.site], mirror.slots[mirror.primary_site], "a drill")
    logins = place.log_in()
    recovery_time = (
        round(time.monotonic() - start_time, 1) if all(result.status == PASSED for result in logins) else None
    )
    mirrored_time = trial_writes.last_write_time(_session(place, mirror.standby))
    return Measurement(
        recovery_time,
        round(max(0.0, confirmed_time - mirrored_time), 3),
        (_promotion_result(subject, mirror.site, exchange), *logins),
    )


def _stand_up(subject: Subject, vault: Vault, place: Stage) -> None:
    """Stand everything up, with the real data, and see that it is as it is on any day: served, mirrored, waited for."""
    place.up(lambda stack: stack.kind != "council")
    fill(subject, vault, place)
    place.up()
    failed_logins = [result for result in place.log_in() if result.status != PASSED]
    if failed_logins:
        raise Inconclusive(f"before the failover: {failed_logins[0].subject}: {failed_logins[0].detail}")
    [mirror] = place.plan.mirrors
    primary = servers(place.plan, mirror, place.engines)[mirror.primary_site]
    primary.wait(lambda state: state.follower == "streaming", "has no standby that streams", _CATCH_UP_SECONDS)
    place.progress.stage("waiting for the mirror's applications to wait")
    if not wait_until(lambda: _all_applications_wait(place), _CATCH_UP_SECONDS, 2.0):
        raise Inconclusive("before the failover: the mirror's applications are not ready to take over")


def _all_applications_wait(place: Stage) -> bool:
    results = verify(place.plan, place.vault, place.engines, checks=(waiting,))
    return all(result.status == PASSED for result in results)


def _write_trials(place: Stage, server: Container) -> float:
    """Write again and again, and return when the last confirmed write was, in seconds since 1970."""
    session = _session(place, server.name)
    trial_writes.prepare(session)
    return [trial_writes.write(session) for _ in range(_WRITES)][-1]


def _session(place: Stage, server: str) -> Session:
    return DatabaseServer(place.engine, server).administration()


def _kill(place: Stage, site: str) -> None:
    """Kill every container of a site at once, as a power cut would; its relays for councils' own networks stay."""
    names = [c.name for stack in place.plan.stacks for c in stack.containers if _is_lost(stack, c, site)]
    with translate_docker_errors(f"{site} cannot be killed"):
        for container in place.engine.running_containers({"name": [f"^/{name}$" for name in names]}):
            place.engine.kill(container["Id"])


def _is_lost(stack: Stack, container: Container, site: str) -> bool:
    return stack.site == site and container.role in ("postgres", "application", "gateway")


def _promotion_result(subject: Subject, site: str, exchange: RoleExchange) -> CheckResult:
    seconds = round(exchange.end_time - exchange.start_time, 3)
    detail = f"primary on timeline {exchange.primary.timeline}"
    return CheckResult(f"promote.{subject.instance}", f"The server at {site} serves", PASSED, detail, seconds)
