"""Carrying images from one engine to another: there is no registry between councils.

What `docker save | docker load` does, streamed from engine to engine and written down nowhere. All images go in one
archive, so that what they are built on goes once; layers that are there already are not unpacked again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

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


def missing_tags(endpoint: Endpoint, tags: Iterable[str]) -> tuple[str, ...]:
    """Return those of the tags that an engine has no image of. Raises `OperationError` when it does not answer."""
    with _answering_client(endpoint) as client:
        present_tags = {tag for image in client.images() for tag in image["RepoTags"] or ()}
    return tuple(sorted(set(tags) - present_tags))


def carry(source: Endpoint, target: Endpoint, tags: Sequence[str], progress: Callable[[str], None]) -> None:
    """Carry images by their tags, whole or not at all: an engine that is cut off keeps none of them.

    `progress` gets a line at the beginning, at times, and at the end. Raises `OperationError`.
    """
    start, host = time.monotonic(), target.host
    progress(f"carrying to {host}: {', '.join(tags)}")
    with _answering_client(source) as source_client, _answering_client(target) as target_client:
        load: Callable[..., Iterable[dict[str, str]] | None] = target_client.load_image
        answers = load(_report_progress(_archive(source_client, tags), host, progress))
        errors = [str(answer["error"]) for answer in answers or () if "error" in answer]
    if errors or missing_tags(target, tags):
        raise OperationError(
            f"The engine at {host} did not take {', '.join(tags)}: {'; '.join(errors) or 'it does not say why'}.",
            state="Images that it has taken are kept.",
            hint=f"docker --host {host} system df  # to see whether its disk is full",
        )
    progress(f"carried to {host} in {time.monotonic() - start:.0f} s")


def _archive(client: APIClient, tags: Sequence[str]) -> Iterator[bytes]:
    """Yield the archive of all images together, which the SDK asks for one at a time only."""
    address = f"{client.base_url}/v{client.api_version}/images/get"
    with client.get(address, params={"names": list(tags)}, stream=True, timeout=PATIENCE) as answer:
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
