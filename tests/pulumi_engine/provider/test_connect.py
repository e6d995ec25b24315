"""Engines over mutual TLS: both sides prove who they are, or nothing is said. The engine behind is a real one."""

from __future__ import annotations

import datetime
import ipaddress
import selectors
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pulumi_docker
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from moothall.docker_engine.ssh import command
from moothall.model.engines import Endpoint
from moothall.pulumi_engine import Backend, EngineUnreachable, StackRun, Unsupported, identity, preview
from moothall.pulumi_engine.steps.session import STRICT_SSH

SOCKET = "/var/run/docker.sock"
Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def issued(name: str, by: Pair | None = None) -> Pair:
    """Return a certificate for 127.0.0.1 with its key, signed by another pair or by itself as an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        by[0].subject if by else subject, subject, key.public_key(), serial_number=hash(name) & 0xFFFF
    )
    builder = builder.not_valid_before(today - datetime.timedelta(days=1)).not_valid_after(
        today + datetime.timedelta(days=1)
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = builder.add_extension(names, critical=False)
    return builder.sign(by[1] if by else key, hashes.SHA256()), key


def written(folder: Path, authority: Pair, own: Pair) -> Path:
    """Write the three files that a folder of certificates holds."""
    folder.mkdir()
    pem = serialization.Encoding.PEM
    plain = (pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ca.pem").write_bytes(authority[0].public_bytes(pem))
    (folder / "cert.pem").write_bytes(own[0].public_bytes(pem))
    (folder / "key.pem").write_bytes(own[1].private_bytes(*plain))
    return folder


class Door(threading.Thread):
    """A TLS door to the local engine, that lets in who shows a certificate of its authority."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self.context.load_verify_locations(folder / "ca.pem")
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"tcp://127.0.0.1:{self.listening.getsockname()[1]}"

    def run(self) -> None:
        """Let in one after the other until it is closed."""
        with suppress(OSError):
            while True:
                outside, _ = self.listening.accept()
                threading.Thread(target=self.serve, args=(outside,), daemon=True).start()

    def serve(self, outside: socket.socket) -> None:
        """Pass everything on, both ways."""
        with suppress(OSError), self.context.wrap_socket(outside, server_side=True) as user:
            inside = socket.socket(socket.AF_UNIX)
            inside.connect(SOCKET)
            user.settimeout(20)
            waiting = selectors.DefaultSelector()
            waiting.register(user, selectors.EVENT_READ, inside)
            waiting.register(inside, selectors.EVENT_READ, user)
            while ready := waiting.select(20):
                for key, _ in ready:
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    key.data.sendall(data)


@pytest.fixture
def authority() -> Pair:
    """Whom both sides trust."""
    return issued("authority")


@pytest.fixture
def door(tmp_path: Path, authority: Pair) -> Iterator[Door]:
    """The engine behind TLS."""
    opened = Door(written(tmp_path / "door", authority, issued("door", authority)))
    yield opened
    opened.listening.close()


@pytest.mark.live
def test_both_sides_proved(door: Door, tmp_path: Path, authority: Pair) -> None:
    """The engine is the same one that the socket leads to."""
    folder = written(tmp_path / "user", authority, issued("user", authority))

    assert identity(Endpoint(door.address, str(folder))) == identity(Endpoint(f"unix://{SOCKET}"))


@pytest.mark.live
def test_a_user_of_another_authority_is_not_let_in(door: Door, tmp_path: Path, authority: Pair) -> None:
    """The door asks for proof."""
    folder = written(tmp_path / "user", authority, issued("user", issued("others")))

    with pytest.raises(EngineUnreachable):
        identity(Endpoint(door.address, str(folder)))


@pytest.mark.live
def test_a_door_of_another_authority_is_not_believed(door: Door, tmp_path: Path, authority: Pair) -> None:
    """So does the user: a certificate is shown only to somebody trusted."""
    folder = written(tmp_path / "user", issued("others"), issued("user", authority))

    with pytest.raises(EngineUnreachable, match="certificate verify failed"):
        identity(Endpoint(door.address, str(folder)))


def test_ssh_knows_its_host_and_asks_nobody() -> None:
    """Whatever is in anybody's settings: the host's key is known, and no password is asked for."""
    words = command("ssh://moothall@docker.durham.test:2222")

    assert words[0] == "ssh"
    assert {"StrictHostKeyChecking=yes", "BatchMode=yes"} <= set(words)
    assert words[-6:-2] == ["2222", "--", "docker.durham.test", "docker"]


@pytest.mark.parametrize(("given", "taken"), [(STRICT_SSH, True), (["-o", "StrictHostKeyChecking=no"], False)])
def test_a_program_may_ask_for_nothing_less(given: list[str], taken: bool, tmp_path: Path) -> None:
    """What Pulumi's plug-in is told about ssh is what we do; anything else is refused, not ignored."""

    def program() -> None:
        pulumi_docker.Provider("engine", host="ssh://moothall@docker.durham.test", ssh_opts=given)

    run = StackRun("moothall", "elsewhere", program, ("owner", "us"))
    backend = Backend(tmp_path, lambda: "a passphrase for tests alone")

    if taken:
        assert preview(run, backend).status == "previewed"
        return
    with pytest.raises(Unsupported, match="ssh with other options"):
        preview(run, backend)
