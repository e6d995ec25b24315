"""One half of a long list in a process of its own, so that two processors are busy."""

from __future__ import annotations

import marshal
import os
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

T = TypeVar("T")
R = TypeVar("R")

Work = Callable[[Sequence[T]], list[R]]
"""From some items to a result for each: plain data, for `marshal` to carry."""


def halves(work: Work[T, R], items: Sequence[T]) -> list[R]:
    """Return the result of `work` for all items, worked out by this process and a child of it.

    Where there is no second processor or no child can be had, or the child comes to nothing, all is done here.
    """
    middle = len(items) // 2
    if len(os.sched_getaffinity(0)) < 2:
        return work(items)
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        return work(items)
    if child == 0:
        _child(work, items[middle:], writing)
    os.close(writing)
    try:
        with open(reading, "rb") as pipe:
            first = work(items[:middle])
            data = pipe.read()
    finally:
        _, status = os.waitpid(child, 0)
    done = status == 0 and data
    return first + (marshal.loads(data) if done else work(items[middle:]))  # noqa: S302  # from our own child


def _child(work: Work[T, R], items: Sequence[T], writing: int) -> NoReturn:
    """Write the results and end, without what a process of Python does at its end; that is the parent's business."""
    status = 1
    try:
        with open(writing, "wb") as pipe:
            pipe.write(marshal.dumps(work(items)))
        status = 0
    finally:
        os._exit(status)
