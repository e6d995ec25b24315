"""An application of another tenant beside what a bench has, which attacks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import resources
from typing import Any

from tests.images.bench import TRYTON_TMPFS, Bench, bounds, said

from moothall.plan.containers import APPLICATION


@contextmanager
def beside_an_attack(bench: Bench, *words: str) -> Iterator[Future[Any]]:
    """Have one of the attacks of this folder made (its name and words) from a container with an application's bounds.

    What it met comes of the future when it is over.
    """
    text = resources.files("tests.neighbours").joinpath("attack.py.txt").read_text()
    neighbour = bench.start(
        "neighbour",
        "tryton",
        910,
        bench.authority.leaf("app", "server"),
        command=["sleep", "infinity"],
        tmpfs=TRYTON_TMPFS,
        bounds=bounds(APPLICATION),
    )
    with ThreadPoolExecutor(1) as pool:
        program = ["/opt/t/bin/python", "-I", "-c", text, "durham", "", *words]
        yield pool.submit(lambda: json.loads(said(neighbour, *program)))
    bench.remove(neighbour)
