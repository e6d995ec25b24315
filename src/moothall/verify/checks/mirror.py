"""Each mirror receives what its primary writes, now, and how far it is behind.

The system identifier ties the two together: a standby that streams from somebody else is no mirror of this instance.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from moothall.model.planned import MirrorPlan, Plan
from moothall.postgres.replication import Side, primary_side, standby_side
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import NotYetReady, Session
from moothall.verify.context import VerifyContext
from moothall.verify.task import Task, Verdict, failed_verdict, verdict_on

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
            subject=f"{mirror.instance} is mirrored from {mirror.serving_site} "
            f"to {mirror.other_site(mirror.serving_site)}",
            look=partial(_look, mirror),
            instance=mirror.instance,
            sites=(mirror.primary_site, mirror.site),
        )


def _look(mirror: MirrorPlan, context: VerifyContext) -> Verdict:
    """Return the verdict as soon as the standby follows, or after it had the time to ask its primary again."""
    start = time.monotonic()
    deadline = start + PATIENCE_SECONDS
    while True:
        try:
            primary, standby = _read_sides(mirror, context)
        except NotYetReady:
            if time.monotonic() > start + START_SECONDS:
                raise
            deadline = time.monotonic() + PATIENCE_SECONDS
        else:
            if _follows(primary, standby) or time.monotonic() > deadline:
                return verdict(mirror, primary, standby)
        time.sleep(LOOK_SECONDS)


def _follows(primary: Side, standby: Side) -> bool:
    return "streaming" == primary.state == standby.state


def _read_sides(mirror: MirrorPlan, context: VerifyContext) -> tuple[Side, Side]:
    """Read the replication status of both servers, each in the role that it has to have now."""
    serving_server = mirror.server(mirror.serving_site)
    standby_server = mirror.server(mirror.other_site(mirror.serving_site))
    return (
        primary_side(_session(context, serving_server)),
        standby_side(_session(context, standby_server)),
    )


def _session(context: VerifyContext, server: str) -> Session:
    return DatabaseServer(context.engine_pool.of(server), server).administration()


def verdict(mirror: MirrorPlan, primary: Side, standby: Side) -> Verdict:
    """Return the verdict on what both servers say: the one that has to serve, and the one that has to follow."""
    serving_site, standby_site = mirror.serving_site, mirror.other_site(mirror.serving_site)
    if not standby.recovers:
        return failed_verdict(f"the server at {standby_site} is no standby: it takes writes of its own")
    problems = []
    if primary.recovers:
        problems.append(f"the server at {serving_site} is itself a standby")
    if primary.system != standby.system:
        problems.append("the two servers hold different databases (system identifiers differ)")
    if standby.state != "streaming":
        problems.append(f"the standby receives nothing ({standby.state or 'no receiver'})")
    if primary.state != "streaming":
        problems.append(f"the primary sends nothing ({primary.state or 'nobody connected'})")
    limit_seconds = mirror.recovery_point_seconds
    if limit_seconds == 0 and not primary.waits:
        problems.append("the primary's commits do not wait for the standby, and nothing may be lost")
    if limit_seconds and primary.lag_seconds > limit_seconds:
        problems.append(f"the standby is {primary.lag_seconds:g} s behind, and {limit_seconds} s were agreed")
    since = f"; failed over to {mirror.active.site} since {mirror.active.since}" if mirror.active else ""
    return verdict_on(problems, f"streaming, {primary.lag_bytes} bytes and {primary.lag_seconds:g} s behind{since}")
