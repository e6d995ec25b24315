"""Each service that somebody outside provides answers at its address; one without an address is named as external."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from functools import partial

from moothall.model.planned import Plan
from moothall.verify.context import VerifyContext
from moothall.verify.task import Task, Verdict, failed_verdict, passed_verdict

SECONDS = 5.0


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each council's use of an external service."""
    for use in plan.external:
        yield Task(
            id=f"external.{use.council}.{use.service}",
            subject=f"{use.title} of {use.provider} is there for {use.council}",
            look=partial(_look, use.address or ""),
            council=use.council,
            instance=use.service,
            skip="" if use.address else f"external: provided by {use.provider}, no address to ask",
        )


def _look(address: str, context: VerifyContext) -> Verdict:
    """Connect to the service from this machine: the councils' own networks have no way out."""
    return reach(address)


def reach(address: str) -> Verdict:
    """Say whether something accepts a connection at `host:port` within `SECONDS`."""
    host, _, port = address.rpartition(":")
    start = time.monotonic()
    try:
        socket.create_connection((host, int(port)), SECONDS).close()
    except OSError as error:
        return failed_verdict(f"{address} cannot be reached from this machine: {error.strerror or error}")
    return passed_verdict(f"{address} accepts connections from this machine", time.monotonic() - start)
