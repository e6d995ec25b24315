"""Have every platform image on an engine: build what is missing, each after those it is built from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path
from types import MappingProxyType

from moothall.docker_engine.images.debian import lay_base
from moothall.docker_engine.images.dockerfile import build
from moothall.docker_engine.images.host import docker_client, image_id
from moothall.imagetags import description, parents, tags

PARALLEL = 3
"""More builds than this at once only wait for each other: they share the engine's disk and the network."""


def missing_images(images: Path, host: str) -> tuple[str, ...]:
    """Return the names of the images in the folder `images` that the engine at `host` lacks.

    Raises `OperationError` when the engine does not answer.
    """
    with docker_client(host) as client:
        return tuple(name for name, tag in tags(images).items() if not image_id(client, tag))


def ensure(
    images: Path,
    host: str,
    recorded_ids: Mapping[str, str] = MappingProxyType({}),
    wanted_tags: Collection[str] | None = None,
    *,
    progress: Callable[[str], None],
) -> dict[str, str]:
    """Have images on the engine at `host`, building those that it lacks; return their IDs by their tags.

    `recorded_ids` are those of images that were built before: of those no other is taken. Under a tag that is not on
    record the engine is believed. `wanted_tags` are those of the images that are needed, all when it is None.
    `progress` gets one line when a build begins and one when it ends, from several threads. Raises `OperationError`
    when the engine does not answer or a build fails; images that were built stay, so the next call goes on from there.
    """
    tags_by_name = tags(images)
    wanted = {name: tag for name, tag in tags_by_name.items() if wanted_tags is None or tag in wanted_tags}
    ids = _present_ids(host, wanted.values(), recorded_ids)
    if lacking := [name for name, tag in wanted.items() if tag not in ids]:
        for tag in recorded_ids.keys() & {wanted[name] for name in lacking}:
            progress(f"{tag}: not here as it was built; it is built again, and what runs of it is recreated")
        names = tuple({*lacking, *(set(missing_images(images, host)) & _grounds(images, lacking))})
        progress(f"building images: {', '.join(sorted(names))}")
        _build_in_order(images, host, names, progress)
        ids |= _present_ids(host, [wanted[name] for name in lacking], {})
    return ids


def _present_ids(host: str, wanted_tags: Iterable[str], recorded_ids: Mapping[str, str]) -> dict[str, str]:
    """Return the IDs of those images that an engine has; a tag that means another than the recorded one is moved."""
    with docker_client(host) as client:
        return {tag: id_ for tag in wanted_tags if (id_ := image_id(client, tag, recorded_ids.get(tag)))}


def _grounds(images: Path, names: Iterable[str]) -> set[str]:
    """Return the names of the images that others are built from, and of those that these are."""
    sources = parents(images)
    direct = {parent for name in names for parent in sources[name]}
    return direct | _grounds(images, direct) if direct else direct


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
