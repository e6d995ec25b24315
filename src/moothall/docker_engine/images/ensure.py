"""Have every platform image on an engine: build what is missing, each after those it is built from."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path

from moothall.docker_engine.images.debian import lay_base
from moothall.docker_engine.images.dockerfile import build
from moothall.docker_engine.images.host import docker_client, has_image
from moothall.imagetags import description, parents, tags

PARALLEL = 3
"""More builds than this at once only wait for each other: they share the engine's disk and the network."""


def missing_images(images: Path, host: str) -> tuple[str, ...]:
    """Return the names of the images in the folder `images` that the engine at `host` lacks.

    Raises `moothall.failures.Failure` when the engine does not answer.
    """
    with docker_client(host) as client:
        return tuple(name for name, tag in tags(images).items() if not has_image(client, tag))


def ensure(images: Path, host: str, *, progress: Callable[[str], None]) -> dict[str, str]:
    """Build on the engine at `host` the images that it lacks; return the tag of every image by name.

    `progress` gets one line when a build begins and one when it ends, from several threads. An image already present
    costs one question to the engine. Raises `moothall.failures.Failure` when the engine does not answer or a build
    fails; images that were built stay, so the next call goes on from there.
    """
    tags_by_name = tags(images)
    names = missing_images(images, host)
    if names:
        _build_in_order(images, host, names, progress)
    return tags_by_name


def _build_in_order(images: Path, host: str, names: tuple[str, ...], progress: Callable[[str], None]) -> None:
    """Build the lacking images, independent ones at the same time; stop at the first that fails."""
    order = TopologicalSorter({name: set(parents(images)[name]) & set(names) for name in names})
    order.prepare()
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(PARALLEL) as pool:
        while order.is_active():
            for name in order.get_ready():
                running[pool.submit(_build_one, images, host, name, progress)] = name
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                future.result()
                order.done(running.pop(future))


def _build_one(images: Path, host: str, name: str, progress: Callable[[str], None]) -> None:
    """Build one image in the way its folder asks for: a Dockerfile, or the Debian ground."""
    tags_by_name = tags(images)
    with docker_client(host) as client:
        if (images / name / "Dockerfile").exists():
            bases = {parent: tags_by_name[parent] for parent in parents(images)[name]}
            build(client, images / name, tags_by_name[name], bases, progress)
        else:
            lay_base(client, description(images / name), tags_by_name[name], progress)
