"""The interruption of a swap: applications are stopped, something is put in place, they are started, people log in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line, translate_docker_errors
from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive
from moothall.model.engines import Engines
from moothall.model.outcome import PASSED
from moothall.operations.restore.subject import Subject
from moothall.ports import Progress, Vault
from moothall.verify import wait_ready

GRACE_SECONDS = 1
"""What is answered when applications are stopped would be written into what is about to be set aside."""
READY_SECONDS = 120.0
JOB_SECONDS = 300
_JOBS_AT_ONCE = 4


@dataclass(frozen=True)
class SwapResult:
    """The result of a swap: the former state's name, the seconds without service, and the logins that still fail."""

    former_name: str
    seconds: float
    failed_logins: tuple[str, ...]


def run_swap(
    subject: Subject,
    engine_pool: EnginePool,
    engines: Engines,
    vault: Vault,
    progress: Progress,
    applications: Iterable[str],
    put: Callable[[], str],
) -> SwapResult:
    """Do `put`, which returns a name, while the applications are stopped, and wait until people can log in again.

    The applications are started again whatever happens. Raises what `put` raises.
    """
    start_time = time.monotonic()
    with _stop_applications(tuple(applications), engine_pool, progress):
        former_name = put()
    _give_passwords_in_use(subject, engine_pool, progress)
    progress.stage(f"waiting for {len(subject.tenants)} tenants to answer")
    results = wait_ready(subject.plan, vault, engines, subject.tenants, READY_SECONDS, progress)
    seconds = round(time.monotonic() - start_time, 1)
    return SwapResult(
        former_name,
        seconds,
        tuple(f"{result.subject}: {result.detail}" for result in results if result.status != PASSED),
    )


def restart_waiting_applications(
    subject: Subject, serving_applications: Sequence[str], engine_pool: EnginePool
) -> None:
    """Start the applications of the other site anew: they hold on to what was set aside. A lost site does without."""
    for tenant in subject.tenants:
        for name in (tenant.application, tenant.waiting_application):
            if name and name not in serving_applications:
                with suppress(Inconclusive), translate_docker_errors(f"{name} cannot be restarted"):
                    engine_pool.of(name).restart(name, GRACE_SECONDS)


def _give_passwords_in_use(subject: Subject, engine_pool: EnginePool, progress: Progress) -> None:
    """Have the job of each tenant run again, which gives its role and its administrator the passwords in use.

    What was put in place has those of its moment. They may have been exchanged since, because somebody has stolen them.
    Applications try until theirs is right, and who logs in proves it.
    """
    progress.stage("giving tenants the passwords in use")
    with ThreadPoolExecutor(_JOBS_AT_ONCE) as pool:
        for reason in filter(None, pool.map(lambda name: _run_again(name, engine_pool.of(name)), subject.jobs)):
            progress.stage(reason)


def _run_again(job: str, engine: Engine) -> str:
    """Start a job that has ended, wait for its end, and return why it did not do what it does, "" if it did."""
    try:
        with translate_docker_errors(f"{job} cannot be run again"):
            engine.start(job)
            code = engine.wait(job, JOB_SECONDS)
            return f"{job} ended with {code}: {last_line(engine.logs(job, lines=10))}" if code else ""
    except Inconclusive as reason:
        return str(reason)


@contextmanager
def _stop_applications(applications: tuple[str, ...], engine_pool: EnginePool, progress: Progress) -> Iterator[None]:
    try:
        progress.stage("stopping applications")
        _for_each(applications, lambda name: engine_pool.of(name).stop(name, GRACE_SECONDS))
        yield
    finally:
        progress.stage("starting applications")
        _for_each(applications, lambda name: engine_pool.of(name).start(name))


def _for_each(names: tuple[str, ...], action: Callable[[str], object]) -> None:
    with (
        translate_docker_errors("The applications cannot be stopped or started"),
        ThreadPoolExecutor(max(1, len(names))) as pool,
    ):
        list(pool.map(action, names))
