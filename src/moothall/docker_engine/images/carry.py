"""Carrying images from one engine to another: there is no registry between councils.

What `docker save | docker load` does, streamed from engine to engine and written down nowhere. All images go in one
archive, so that what they are built on goes once; layers that are there already are not unpacked again. They go by
their IDs, which the engine that takes them computes for itself: what it has under a tag counts for nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moothall.docker_engine.client import client_for
from moothall.docker_engine.errors import DockerError, translate_docker_errors
from moothall.failures import OperationError
from moothall.model.engines import Endpoint

if TYPE_CHECKING:
    from docker import APIClient

PATIENCE = 600
"""Seconds without a word from an engine: unpacking is silent."""
PIECE = 1 << 20
PROGRESS_BYTES = 64 * PIECE
"""Bytes between two lines of progress."""


def lacking_images(endpoint: Endpoint, ids: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tags of those images that an engine lacks by their IDs, whatever it has under the tags.

    A tag that means another image there is given back to the one that it is of. Raises `OperationError` when the engine
    does not answer.
    """
    with _answering_client(endpoint) as client:
        return tuple(tag for tag, id_ in sorted(ids.items()) if not _claim_tag(client, tag, id_))


def carry(source: Endpoint, target: Endpoint, ids: Mapping[str, str], progress: Callable[[str], None]) -> None:
    """Carry images, whole or not at all: an engine that is cut off keeps none of them. `ids` are by the tags.

    `progress` gets a line at the beginning, at times, and at the end. Raises `OperationError`, also when the engine has
    other images than these afterwards.
    """
    start, host, tags = time.monotonic(), target.host, ", ".join(sorted(ids))
    progress(f"carrying to {host}: {tags}")
    with _answering_client(source) as source_client, _answering_client(target) as target_client:
        load: Callable[..., Iterable[dict[str, str]] | None] = target_client.load_image
        answers = load(_report_progress(_archive(source_client, ids.values()), host, progress))
        errors = [str(answer["error"]) for answer in answers or () if "error" in answer]
    if errors or lacking_images(target, ids):
        raise OperationError(
            f"The engine at {host} did not take {tags}: {'; '.join(errors) or 'it has them by no ID of ours'}.",
            state="Images that it has taken are kept.",
            hint=f"docker --host {host} system df  # to see whether its disk is full",
        )
    progress(f"carried to {host} in {time.monotonic() - start:.0f} s")


def _claim_tag(client: APIClient, tag: str, id_: str) -> bool:
    """Say whether an engine has an image, and have its tag mean it."""
    from docker.errors import ImageNotFound

    inspect: Callable[[str], Mapping[str, Any]] = client.inspect_image
    give_tag: Callable[[str, str], object] = client.tag
    try:
        image = inspect(id_)
    except ImageNotFound:
        return False
    if image["Id"] != id_:
        return False
    if tag not in (image["RepoTags"] or ()):
        give_tag(id_, tag)
    return True


def _archive(client: APIClient, ids: Iterable[str]) -> Iterator[bytes]:
    """Yield the archive of all images together, which the SDK asks for one at a time only."""
    address = f"{client.base_url}/v{client.api_version}/images/get"
    with client.get(address, params={"names": sorted(set(ids))}, stream=True, timeout=PATIENCE) as answer:
        answer.raise_for_status()
        yield from answer.iter_content(PIECE)


def _report_progress(pieces: Iterable[bytes], host: str, progress: Callable[[str], None]) -> Iterator[bytes]:
    size = reported_size = 0
    for piece in pieces:  # they come in whatever sizes the engine sends
        size += len(piece)
        if size - reported_size >= PROGRESS_BYTES:
            reported_size = size
            progress(f"carrying to {host}: {size / 1e6:.0f} MB")
        yield piece


@contextmanager
def _answering_client(endpoint: Endpoint) -> Iterator[APIClient]:
    """Give a client; raise `OperationError` when the engine does not answer, or stops to."""
    try:
        with translate_docker_errors("Images cannot be carried"):
            yield client_for(endpoint, PATIENCE)
    except DockerError as error:
        raise OperationError(
            f"The container engine at {endpoint.host} does not answer as images are carried: {error.__cause__}.",
            state="Images that were carried before are kept.",
            hint=f"docker --host {endpoint.host} version",
        ) from error
