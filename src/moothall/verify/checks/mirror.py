"""Each mirror receives what its primary writes, now, and how far it is behind.

The system identifier ties the two together: a standby that streams from somebody else is no mirror of this instance.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from moothall.docker_engine.errors import DockerError
from moothall.failures import Inconclusive
from moothall.model.planned import MirrorPlan, Plan
from moothall.postgres.replication import Side, as_primary, as_standby
from moothall.postgres.session import MAINTENANCE, SUPERUSER, Session
from moothall.verify.context import VerifyContext
from moothall.verify.task import Task, Verdict, failed, judged

PATIENCE_SECONDS = 7.0
"""A standby whose primary was away asks it again every 5 s (`wal_retrieve_retry_interval`), and needs a moment then."""
START_SECONDS = 30.0
"""How long a server that does not answer yet is waited for: after its machine was away it replays its log first."""
LOOK_SECONDS = 0.5


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each mirror."""
    for mirror in plan.mirrors:
        yield Task(
            id=f"mirror.{mirror.instance}",
            subject=f"{mirror.instance} is mirrored from {mirror.serving_site} to {mirror.other(mirror.serving_site)}",
            look=partial(_look, mirror),
            instance=mirror.instance,
            sites=(mirror.primary_site, mirror.site),
        )


def _look(mirror: MirrorPlan, context: VerifyContext) -> Verdict:
    """Return the verdict as soon as the standby follows, or after it had the time to ask its primary again."""
    begun = time.monotonic()
    until = begun + PATIENCE_SECONDS
    while True:
        try:
            primary, standby = _asked(mirror, context)
        except DockerError:  # nobody is there who might answer in a moment
            raise
        except Inconclusive:
            if time.monotonic() > begun + START_SECONDS:
                raise
            until = time.monotonic() + PATIENCE_SECONDS
        else:
            if _follows(primary, standby) or time.monotonic() > until:
                return verdict(mirror, primary, standby)
        time.sleep(LOOK_SECONDS)


def _follows(primary: Side, standby: Side) -> bool:
    return "streaming" == primary.state == standby.state


def _asked(mirror: MirrorPlan, context: VerifyContext) -> tuple[Side, Side]:
    """Ask both servers, each as what it has to be now."""
    serving = mirror.server(mirror.serving_site)
    follower = mirror.server(mirror.other(mirror.serving_site))
    return (
        as_primary(_session(context, serving)),
        as_standby(_session(context, follower)),
    )


def _session(context: VerifyContext, server: str) -> Session:
    return Session(context.engine_pool.of(server), server, SUPERUSER, MAINTENANCE)


def verdict(mirror: MirrorPlan, primary: Side, standby: Side) -> Verdict:
    """Return the verdict on what both servers say: the one that has to serve, and the one that has to follow."""
    serving, following = mirror.serving_site, mirror.other(mirror.serving_site)
    if not standby.recovers:
        return failed(f"the server at {following} is no standby: it takes writes of its own")
    wrong = []
    if primary.recovers:
        wrong.append(f"the server at {serving} is itself a standby")
    if primary.system != standby.system:
        wrong.append("the two servers hold different databases (system identifiers differ)")
    if standby.state != "streaming":
        wrong.append(f"the standby receives nothing ({standby.state or 'no receiver'})")
    if primary.state != "streaming":
        wrong.append(f"the primary sends nothing ({primary.state or 'nobody connected'})")
    agreed = mirror.recovery_point_seconds
    if agreed == 0 and not primary.waits:
        wrong.append("the primary's commits do not wait for the standby, and nothing may be lost")
    if agreed and primary.lag_seconds > agreed:
        wrong.append(f"the standby is {primary.lag_seconds:g} s behind, and {agreed} s were agreed")
    since = f"; failed over to {mirror.active.site} since {mirror.active.since}" if mirror.active else ""
    return judged(wrong, f"streaming, {primary.lag_bytes} bytes and {primary.lag_seconds:g} s behind{since}")
