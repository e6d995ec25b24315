"""Calls that reach into containers: commands in them, and files to and from them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from tests.fakes.calls import Calls

from moothall.docker_engine.errors import NotFound
from moothall.docker_engine.port import EngineObject
from moothall.docker_engine.tar import Entry, pack_tar

MODE = 0o440


class Commands(Calls):
    """Commands and files of the containers of one engine."""

    def run(self, container: str, command: Sequence[str]) -> tuple[int, str]:
        """Run a command to its end."""
        result = self.machine.execute(self._running(container), command, {})
        return result.code, (result.out + result.err).strip()

    def run_streaming(
        self,
        container: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        out: Callable[[bytes], object],
        err: Callable[[bytes], object],
    ) -> int:
        """Run a command to its end, and hand on what it has written."""
        result = self.machine.execute(self._running(container), command, environment)
        for text, take in ((result.out, out), (result.err, err)):
            if text:
                take(text.encode())
        return result.code

    def write_files(self, container: str, folder: str, archive: bytes | Iterable[bytes]) -> None:
        """Unpack the files."""
        made = self._one(container)
        whole = archive if isinstance(archive, bytes) else b"".join(archive)
        with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
            files = {each.name: tar.extractfile(each) for each in tar if each.isfile()}
            unpacked = {name: file.read() for name, file in files.items() if file}
        self.machine.step(f"put {', '.join(unpacked)} into {made.name}")
        self.machine.unpack(made, {f"{folder.rstrip('/')}/{name}": content for name, content in unpacked.items()})

    def read_files(self, container: str, path: str) -> tuple[Iterator[bytes], EngineObject]:
        """Return one file."""
        files, name = self._one(container).locate(path)
        if name not in files:
            raise NotFound(f"{path} cannot be read", "no such file", "no such file", 404)
        short = path.rpartition("/")[2]
        archive = pack_tar([Entry(short, files[name], MODE)])
        return iter([archive]), {"name": short, "size": len(files[name]), "mode": MODE}
