"""The platform images as this machine's engine has them, by their IDs: by a tag nothing is run."""

from __future__ import annotations

import os

import docker

from moothall import imagetags, paths

TAGS = imagetags.tags(paths.IMAGES)
HOST = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
NOT_BUILT = "sha256:" + "0" * 64
"""Stands for an image that is not there."""


def built(name: str) -> str:
    """Return the ID of a platform image, or NOT_BUILT where the engine has none or does not answer."""
    try:
        client = docker.APIClient(HOST, version="auto")
        try:
            return str(client.inspect_image(TAGS[name])["Id"])
        finally:
            client.close()
    except docker.errors.DockerException:
        return NOT_BUILT
