"""Have every platform image on an engine: build what is missing, each after those it is built from."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path

from moothall.docker_engine.images.debian import lay_base
from moothall.docker_engine.images.dockerfile import build
from moothall.docker_engine.images.host import present, reaching
from moothall.imagetags import description, parents, tags

PARALLEL = 3
"""More builds than this at once only wait for each other: they share the engine's disk and the network."""


def missing(images: Path, host: str) -> tuple[str, ...]:
    """Return the names of the images in the folder `images` that the engine at `host` lacks.

    Raises `moothall.failures.Failure` when the engine does not answer.
    """
    with reaching(host) as client:
        return tuple(name for name, tag in tags(images).items() if not present(client, tag))


def ensure(images: Path, host: str, *, progress: Callable[[str], None]) -> dict[str, str]:
    """Build on the engine at `host` the images that it lacks; return the tag of every image by name.

    `progress` gets one line when a build begins and one when it ends, from several threads. An image already present
    costs one question to the engine. Raises `moothall.failures.Failure` when the engine does not answer or a build
    fails; images that were built stay, so the next call goes on from there.
    """
    wanted = tags(images)
    lacking = missing(images, host)
    if lacking:
        _build_in_order(images, host, lacking, progress)
    return wanted


def _build_in_order(images: Path, host: str, lacking: tuple[str, ...], progress: Callable[[str], None]) -> None:
    """Build the lacking images, independent ones at the same time; stop at the first that fails."""
    order = TopologicalSorter({name: set(parents(images)[name]) & set(lacking) for name in lacking})
    order.prepare()
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(PARALLEL) as pool:
        while order.is_active():
            for name in order.get_ready():
                running[pool.submit(_build_one, images, host, name, progress)] = name
            for finished in wait(running, return_when=FIRST_COMPLETED).done:
                finished.result()
                order.done(running.pop(finished))


def _build_one(images: Path, host: str, name: str, progress: Callable[[str], None]) -> None:
    """Build one image in the way its folder asks for: a Dockerfile, or the Debian ground."""
    names = tags(images)
    with reaching(host) as client:
        if (images / name / "Dockerfile").exists():
            bases = {parent: names[parent] for parent in parents(images)[name]}
            build(client, images / name, names[name], bases, progress)
        else:
            lay_base(client, description(images / name), names[name], progress)
