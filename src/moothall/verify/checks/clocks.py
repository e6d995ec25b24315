"""The clocks of all sites agree with each other and with this machine's: the engines', and those inside containers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line
from moothall.failures import Inconclusive
from moothall.model.planned import SERVICE, Plan
from moothall.verify.clocks import OWN_CLOCK, SECONDS, ClockOffset, clock_offset, seconds_apart
from moothall.verify.context import VerifyContext
from moothall.verify.task import Task, Verdict, verdict_on

DATE = ("date", "+%s.%N")


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each site."""
    for site in sorted({stack.site for stack in plan.stacks}):
        yield Task(
            id=f"clock.{site}",
            subject=f"the clock of {site} agrees with those of the other sites",
            look=partial(_look, site),
            sites=(site,),
        )


def _look(site: str, context: VerifyContext) -> Verdict:
    """Compare the site's clock with this machine's, with its containers' and with every other site's."""
    own_offset = context.clock(site)
    pairs = [("this machine", OWN_CLOCK), ("a container there", _inside(site, context) or own_offset)]
    pairs += [(other, context.clock(other)) for other in _others(site, context)]
    problems = [
        f"{site} and {name} are {seconds_apart(own_offset, offset):.0f} s apart"
        for name, offset in pairs
        if seconds_apart(own_offset, offset) > SECONDS
    ]
    return verdict_on(problems, f"this machine, the site and {len(pairs) - 2} other sites are within {SECONDS:.0f} s")


def _others(site: str, context: VerifyContext) -> list[str]:
    """Return the other sites whose engine answers."""
    sites = sorted({stack.site for stack in context.plan.stacks} - {site})
    return [other for other in sites if context.engine_pool.of_site(other) in context.answering_engines]


def _inside(site: str, context: VerifyContext) -> ClockOffset | None:
    """Return how far the clock of a container of the site is ahead, None if none runs."""
    engine = context.engine_pool.of_site(site)
    for stack in context.plan.stacks:
        for container in stack.containers if stack.site == site else ():
            if container.kind == SERVICE:
                try:
                    return clock_offset(partial(_date, engine, container.name))
                except _NoTime:
                    raise
                except Inconclusive:
                    return None  # that it does not run is another check's to say
    return None


class _NoTime(Inconclusive):
    """A container says something else than the time."""


def _date(engine: Engine, container: str) -> datetime:
    output = engine.command_output(container, DATE)
    try:
        return datetime.fromtimestamp(float(output), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _NoTime(f"the clock of {container} does not say a time: {last_line(output)}") from error
