"""Doing many things that need each other: each after what it needs, those that are free at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from graphlib import TopologicalSorter
from queue import SimpleQueue
from typing import TypeVar

from moothall import children

Result = TypeVar("Result")


def walk(
    needs: Mapping[str, Iterable[str]], work: Callable[[str], Result], concurrency: int, threads: str = ""
) -> dict[str, Result]:
    """Do `work` for every name and return what came of each; `needs` are names too, `threads` what threads are called.

    Raises what `work` raises, when everything under way has ended, and graphlib.CycleError. On a KeyboardInterrupt the
    programs that are run by what is under way are ended, and no more is begun.
    """
    order = TopologicalSorter(needs)
    order.prepare()
    results: dict[str, Result] = {}
    finished: SimpleQueue[tuple[str, Future[Result]]] = SimpleQueue()
    with ThreadPoolExecutor(concurrency, thread_name_prefix=threads) as pool:
        try:
            while order.is_active():
                for name in order.get_ready():
                    pool.submit(work, name).add_done_callback(partial(_enqueue, finished, name))
                name, future = finished.get()
                results[name] = future.result()
                order.done(name)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            children.end_all()
            raise
    return results


def _enqueue(finished: SimpleQueue[tuple[str, Future[Result]]], name: str, future: Future[Result]) -> None:
    finished.put((name, future))
