"""An engine over ssh: each connection is an `ssh` of its own that hands on what the engine's socket says.

The SDK's own way needs paramiko, which accepts unknown hosts; ours is the system's ssh, which must know the host's key
and asks nobody anything. On the other side Docker's command line does the rest (`docker system dial-stdio`).
"""

from __future__ import annotations

import socket
import subprocess
from http.client import HTTPException
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import urlsplit

import docker
from docker.transport import UnixHTTPAdapter
from docker.transport.unixconn import UnixHTTPConnection, UnixHTTPConnectionPool

OPTIONS = ("-T", "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10")


def open_over_ssh(host: str, oldest: str, **settings: Any) -> docker.APIClient:
    """Return a client of the engine at `ssh://USER@HOST[:PORT]`, asked in the API `oldest` for the newest it speaks.

    Settings are those of the SDK's client. Raises what the SDK raises when the engine does not answer, or the host's
    key is not known.
    """
    first = _client(host, oldest, settings)
    return _client(host, first.version(api_version=False)["ApiVersion"], settings)


def _client(host: str, version: str, settings: dict[str, Any]) -> docker.APIClient:
    client = docker.APIClient(base_url="unix:///ssh", version=version, **settings)
    client.mount("http+docker://", _Adapter(host, client.timeout))
    return client


def command(host: str) -> list[str]:
    """Return the command that connects to the engine at an address."""
    parts = urlsplit(host)
    port = ["-p", str(parts.port)] if parts.port else []
    user = ["-l", parts.username] if parts.username else []
    return ["ssh", *OPTIONS, *user, *port, "--", str(parts.hostname), "docker", "system", "dial-stdio"]


class _Connection(UnixHTTPConnection):
    """One ssh process, spoken to through a pair of sockets; what it complains of is why nobody answers."""

    def connect(self) -> None:
        own_end, process_end = socket.socketpair()
        self._error_stream = TemporaryFile()  # noqa: SIM115  # closed with the connection
        self._complaint = ""
        with process_end:
            arguments = command(str(self.unix_socket))
            self._process = subprocess.Popen(
                arguments, stdin=process_end.fileno(), stdout=process_end.fileno(), stderr=self._error_stream
            )
        own_end.settimeout(self.timeout)
        self.sock = own_end

    def getresponse(self, *how: Any, **more: Any) -> Any:
        try:
            return super().getresponse(*how, **more)
        except (OSError, HTTPException):
            self.close()
            if self._complaint:
                raise ConnectionError(self._complaint) from None
            raise

    def close(self) -> None:
        super().close()
        if process := self.__dict__.pop("_process", None):
            process.terminate()
            process.wait()
            with self._error_stream:
                self._complaint = _last_line(self._error_stream)


def _last_line(stream: IO[bytes]) -> str:
    stream.seek(0)
    lines = [line.strip() for line in stream.read().decode(errors="replace").split("\n")]
    return next((line for line in reversed(lines) if line), "")


class _Pool(UnixHTTPConnectionPool):
    def _new_conn(self) -> Any:
        seconds: Any = self.timeout
        return _Connection(self.base_url, self.socket_path, seconds)


class _Adapter(UnixHTTPAdapter):
    def __init__(self, host: str, seconds: int) -> None:
        super().__init__("http+unix:///ssh", seconds)
        self._host = host

    def get_connection(self, url: Any, proxies: Any = None) -> _Pool:
        with self.pools.lock:
            if url not in self.pools:
                self.pools[url] = _Pool(url, self._host, self.timeout, maxsize=self.max_pool_size)
            pool: _Pool = self.pools[url]
            return pool
