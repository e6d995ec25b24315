"""Reaching a container engine to look for images and to build them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from moothall.docker_engine.errors import DockerError, translate_docker_errors
from moothall.failures import OperationError

if TYPE_CHECKING:
    from docker import DockerClient

PATIENCE = 1800
"""Seconds without a word from the engine: activating modules while the base sets are made is silent for minutes."""


@contextmanager
def docker_client(host: str) -> Iterator[DockerClient]:
    """Give a client of the engine at `host` (`unix://`, `ssh://`, `tcp://`; empty: Docker's own settings).

    A `tcp://` engine is reached with the certificates in DOCKER_CERT_PATH when DOCKER_TLS_VERIFY is set, as the
    docker command does. Raises `OperationError` when the engine does not answer or answers with an error of its own.
    """
    client = _connect(host)
    try:
        with translate_docker_errors("Images cannot be made"):
            yield client
    except DockerError as error:
        raise OperationError(
            f"The container engine at {host or 'its usual place'} reported: {error.__cause__}.", hint=_look(host)
        ) from error
    finally:
        client.close()


def image_id(client: DockerClient, tag: str, recorded_id: str | None = None) -> str | None:
    """Return the ID of the image that the engine has under a tag, None where it has none.

    With a recorded ID the image is that one, and the tag is made to mean it.
    """
    from docker.errors import ImageNotFound

    try:
        image = client.images.get(recorded_id or tag)
    except ImageNotFound:
        return None
    if recorded_id and tag not in image.tags:
        image.tag(tag)
    return str(image.id)


def _connect(host: str) -> DockerClient:
    """Open a client and make sure that it is answered."""
    import docker

    settings = {"DOCKER_HOST": host} if host else {}
    try:
        with translate_docker_errors("No image can be looked for"):
            client = docker.from_env(timeout=PATIENCE, use_ssh_client=True, environment={**_environment(), **settings})
            client.ping()
    except DockerError as error:
        raise OperationError(
            f"The container engine at {host or 'its usual place'} does not answer: {error.__cause__}.",
            state="No image was built.",
            hint=_look(host),
        ) from error
    return client


def _look(host: str) -> str:
    """Return the command that shows how the engine is."""
    return f"docker --host {host} info" if host else "docker info"


def _environment() -> dict[str, str]:
    """Return Docker's own settings from the environment."""
    import os

    return {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}
