"""Running a Pulumi program in process: the SDK talks to a plain object, no CLI, no gRPC server, no port.

Many programs may run at once in threads of one process: the SDK keeps its settings in context variables, and each run
gets a context and an event loop of its own.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from inspect import isawaitable

from pulumi.runtime import settings
from pulumi.runtime.stack import run_in_stack

from moothall.pulumi_engine.protocol.monitor import EngineLog, Monitor, Registrar
from moothall.pulumi_engine.state.backend import ORGANISATION, Program, StackRun

REQUESTS_AT_ONCE = 64
LONGEST_STEP = 1200.0  # seconds, as Pulumi's default for a create


def run_program(run: StackRun, registrar: Registrar, tell: Callable[[str], None], *, dry_run: bool) -> None:
    """Run the program of a stack to its end; `registrar` answers its resources, `tell` hears its log messages.

    Raises the first EngineError that a request was refused with, or whatever the program itself raised.
    """
    monitor = Monitor(run.project, run.stack, registrar)
    contextvars.copy_context().run(_run_in_context, run, monitor, EngineLog(tell), dry_run)
    if monitor.refusals:
        raise monitor.refusals[0]


def _run_in_context(run: StackRun, monitor: Monitor, log: EngineLog, dry_run: bool) -> None:
    settings.ROOT.set(None)
    settings.configure(
        settings.Settings(
            project=run.project,
            stack=run.stack,
            monitor=monitor,
            engine=log,
            dry_run=dry_run,
            parallel=REQUESTS_AT_ONCE,
            organization=ORGANISATION,
        )
    )
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(REQUESTS_AT_ONCE, thread_name_prefix=run.stack))
    try:
        loop.run_until_complete(_run_and_settle(run, monitor))
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


async def call_program(program: Program) -> None:
    """Call a program, and await what it returns if it can be."""
    result = program()
    if isawaitable(result):
        await result


async def _run_and_settle(run: StackRun, monitor: Monitor) -> None:
    interrupts: list[KeyboardInterrupt] = []

    async def program() -> None:
        try:
            await call_program(run.program)
        except KeyboardInterrupt as interrupt:
            # The SDK would hold it back until all requests are answered, and what was half asked for never is.
            interrupts.append(interrupt)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            raise

    try:
        await run_in_stack(program)
    except asyncio.CancelledError:
        if interrupts:
            raise interrupts[0] from None
        raise
    except Exception:
        if monitor.refusals:
            return
        raise
    finally:
        await _settle_rest(0.0 if interrupts else LONGEST_STEP)


async def _settle_rest(patience: float) -> None:
    """After a failure, let requests that are under way end, so that no answer is lost; drop what waits for nothing."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    if tasks:
        _, unfinished = await asyncio.wait(tasks, timeout=patience)
        for task in unfinished:
            task.cancel()
