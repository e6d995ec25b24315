"""Building one image from its Dockerfile with the engine's classic builder, which every engine has."""

from __future__ import annotations

import io
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moothall.docker_engine.tar import Entry, pack_tar
from moothall.failures import OperationError

if TYPE_CHECKING:
    from docker import DockerClient

AUTHORITIES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""Where a machine behind an inspecting proxy names the authorities that its clients must trust; the first wins."""

REGISTRIES = {
    "PIP_INDEX_URL": ("PIP_INDEX_URL",),
    "PIP_EXTRA_INDEX_URL": ("PIP_EXTRA_INDEX_URL",),
    "NPM_REGISTRY": ("NPM_CONFIG_REGISTRY", "npm_config_registry"),
}
"""Build arguments that say where packages come from, and the settings of the machine that fill them."""

TAIL = 25
"""Lines of a failed build's log that are shown."""


def build(
    client: DockerClient, folder: Path, tag: str, bases: Mapping[str, str], progress: Callable[[str], None]
) -> None:
    """Build `folder` as `tag`; `bases` gives the tag of each image that it is built from, by name.

    Raises `OperationError` with the end of the build's log when a step fails.
    """
    start = time.monotonic()
    progress(f"{tag}: building")
    arguments = {name.upper(): base for name, base in bases.items()} | _registries()
    answers = client.api.build(
        fileobj=_context(folder),
        custom_context=True,
        tag=tag,
        buildargs=arguments,
        network_mode="host",
        rm=True,
        forcerm=True,
        decode=True,
    )
    _follow(answers, folder, tag)
    progress(f"{tag}: ready after {time.monotonic() - start:.0f} s")


def _follow(answers: Iterable[dict[str, Any]], folder: Path, tag: str) -> None:
    """Read the builder's answers to the end; raise when it reports an error."""
    log: deque[str] = deque(maxlen=TAIL)
    for answer in answers:
        log.extend(answer.get("stream", "").splitlines())
        if "error" in answer:
            log_tail = "\n".join(line for line in log if line.strip())
            raise OperationError(
                f"The image {tag} could not be built: {answer['error']}\n{log_tail}",
                state="Images built before it are kept.",
                hint=f"read the log above, correct {folder}/Dockerfile or the network, and run the command again",
            )


def _context(folder: Path) -> io.BytesIO:
    """Return the folder as a tar stream, with the machine's authorities as `ca.crt` (empty when there are none).

    Owners and times are left out and modes reduced to 0644 and 0755, so that the builder's cache sees the same
    context in every checkout.
    """
    sources = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    entries = [Entry(path.relative_to(folder).as_posix(), path.read_bytes(), _mode(path)) for path in sources]
    return io.BytesIO(pack_tar([*entries, Entry("ca.crt", _authorities(), 0o644)]))


def _mode(path: Path) -> int:
    return 0o755 if path.stat().st_mode & 0o100 else 0o644


def _authorities() -> bytes:
    """Return the certificates that downloads during the build must trust beside Debian's own."""
    paths = (os.environ.get(name, "") for name in AUTHORITIES)
    bundle = next((Path(path) for path in paths if path and Path(path).is_file()), None)
    return bundle.read_bytes() if bundle else b""


def _registries() -> dict[str, str]:
    """Return the build arguments for package registries that this machine's settings name."""
    values_by_argument = {
        argument: [os.environ[name] for name in names if name in os.environ] for argument, names in REGISTRIES.items()
    }
    return {argument: values[0] for argument, values in values_by_argument.items() if values}
