"""Looking closely at single objects of a Docker engine; nothing here changes anything."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from moothall.docker_engine.errors import NotFound
from moothall.docker_engine.tar import join
from moothall.model.engines import Endpoint
from moothall.pulumi_engine.errors import EngineUnreachable
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, NETWORK
from moothall.pulumi_engine.provider.calls import calling, engine_at
from moothall.pulumi_engine.provider.port import StepFailed

EngineObject = Mapping[str, Any]
_MOST_BYTES = 64 << 20
"""Of files in a container, as a tar. Nothing that is uploaded is near it: where there is more, nothing is ours."""


class Inspection:
    """One engine, looked at by several threads. Everything raises EngineUnreachable when it does not answer."""

    def __init__(self, address: Endpoint) -> None:
        self._engine = engine_at(address)
        self._host = address.host
        self._images: dict[str, EngineObject] = {}
        self._lock = threading.Lock()

    def object(self, type_: str, id_: str) -> EngineObject | None:
        """All that the engine says of an object by id or name, None when the engine says that there is none."""
        inspectors = {CONTAINER: self._engine.inspect, NETWORK: self._engine.inspect_network}
        try:
            with calling(self._host):
                return inspectors.get(type_, self._engine.inspect_volume)(id_)
        except StepFailed as error:
            if isinstance(error.__cause__, NotFound):
                return None
            raise EngineUnreachable(self._host, error.message) from error

    def image(self, id_: str) -> EngineObject:
        """The configuration of an image by id; empty when the image is gone."""
        with self._lock:
            if id_ not in self._images:
                try:
                    with calling(self._host):
                        self._images[id_] = self._engine.inspect_image(id_).get("Config") or {}
                except StepFailed:
                    self._images[id_] = {}
            return self._images[id_]

    def files(self, container: str, paths: Iterable[str], folders: Iterable[str]) -> dict[str, str | None]:
        """The digest and mode of each of the files, and of every other file below the `folders`, by path."""
        digests: dict[str, str | None] = {}
        for folder in folders:
            digests |= self._digests_below(container, folder)
        for path in paths:
            if not any(PurePosixPath(folder) in PurePosixPath(path).parents for folder in folders):
                digests |= {path: self._digests_below(container, path).get(path)}
        return digests

    def _digests_below(self, container: str, path: str) -> dict[str, str]:
        try:
            with calling(self._host):
                parts, _ = self._engine.read_files(container, path)
                archive = join(parts, _MOST_BYTES)
        except StepFailed as error:
            if isinstance(error.__cause__, NotFound):
                return {}
            raise EngineUnreachable(self._host, error.message) from error
        return dict(_digests(archive, PurePosixPath(path).parent)) if archive else {}


def seal(content: bytes, mode: int) -> str:
    """What stands for a file: the SHA-256 of its content, and its mode."""
    return f"{hashlib.sha256(content).hexdigest()} {mode & 0o7777:04o}"


def _digests(archive: bytes, parent: PurePosixPath) -> Iterator[tuple[str, str]]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
        for entry in tar:
            content = tar.extractfile(entry) if entry.isfile() else None
            if content is not None:
                yield str(parent / entry.name), seal(content.read(), entry.mode)
