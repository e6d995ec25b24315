"""A bench for the platform images: containers as the tool runs them, and certificates, made for one test session."""

from __future__ import annotations

import datetime
import io
import ipaddress
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import docker
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from docker.models.containers import Container

from moothall.docker_engine.hardening import pids_limit
from moothall.plan.containers import ContainerProfile

HARDENED = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "pids_limit": 400,
    "dns": ["127.0.0.1"],
    "dns_opt": ["timeout:1", "attempts:1"],
}
POSTGRES_TMPFS = {
    "/tmp": "",
    "/var/log/pgbackrest": "uid=900",
    "/var/spool/pgbackrest": "uid=900",
}
TRYTON_TMPFS = {"/tmp": "", "/var/lib/trytond": "uid=910"}


class Authority:
    """A certificate authority, and the leaves it signs."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        builder = self._builder(self.name, self.key).add_extension(x509.BasicConstraints(True, 0), critical=True)
        self.certificate = builder.sign(self.key, hashes.SHA256())

    def leaf(self, name: str, prefix: str) -> dict[str, str]:
        """Return the files `ca.crt`, `<prefix>.crt` and `<prefix>.key` of a leaf with this name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName(
            [x509.DNSName(name), x509.DNSName("pg"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        )
        leaf = self._builder(subject, key).add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "ca.crt": _pem(self.certificate),
            f"{prefix}.crt": _pem(leaf),
            f"{prefix}.key": private.decode(),
        }

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


@dataclass
class Bench:
    """Starts containers on one network of its own, and takes all of it away again."""

    client: docker.DockerClient
    tags: Mapping[str, str]
    prefix: str
    authority: Authority = field(default_factory=Authority)
    containers: list[Container] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.network = self.client.networks.create(f"{self.prefix}-net", internal=True)

    def create(
        self,
        name: str,
        image: str,
        uid: int,
        files: Mapping[str, str],
        *,
        command: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        aliases: Sequence[str] = (),
        tmpfs: Mapping[str, str] | None = None,
        volumes: Mapping[str, str] | None = None,
        bounds: Mapping[str, object] | None = None,
    ) -> Container:
        """Create a container with its files in /cfg, as the tool does: root's, read by group 0, not by others.

        `bounds` are the SDK's words for memory and other limits, where a test is about them.
        """
        binds = {f"{self.prefix}-{volume}": {"bind": path} for volume, path in (volumes or {}).items()}
        endpoint = self.client.api.create_endpoint_config(aliases=[name, *aliases])
        container = self.client.containers.create(
            self.tags[image],
            list(command) or None,
            name=f"{self.prefix}-{name}",
            user=f"{uid}:0",
            environment=dict(environment or {}),
            tmpfs=dict(tmpfs or {"/tmp": ""}),
            volumes=binds,
            mounts=[docker.types.Mount("/cfg", None, type="volume")],
            network=self.network.name,
            networking_config={self.network.name: endpoint},
            **(HARDENED | dict(bounds or {})),
        )
        self.containers.append(container)
        self.write(container, files)
        return container

    def write(self, container: Container, files: Mapping[str, str]) -> None:
        """Put files into /cfg of a container."""
        container.put_archive("/cfg", _archive(files))

    def start(self, *args: object, **options: object) -> Container:
        """Create a container and start it."""
        container = self.create(*args, **options)  # type: ignore[arg-type]
        container.start()
        return container

    def job(self, *args: object, **options: object) -> tuple[int, str]:
        """Run a one-shot container to its end; return its exit code and what it said."""
        container = self.start(*args, **options)
        code = container.wait(timeout=600)["StatusCode"]
        said = container.logs().decode()
        self.remove(container)
        return code, said

    def remove(self, container: Container) -> None:
        """Remove one container with its anonymous volume."""
        container.remove(force=True, v=True)
        self.containers.remove(container)

    def close(self) -> None:
        """Remove all that this bench made."""
        for container in list(self.containers):
            self.remove(container)
        for volume in self.client.volumes.list(filters={"name": f"{self.prefix}-"}):
            volume.remove()
        self.network.remove()


def said(container: Container, *command: str) -> str:
    """Run a command in a running container, which must succeed; return its output."""
    done = container.exec_run(list(command))
    assert done.exit_code == 0, done.output.decode()
    return str(done.output.decode().strip())


def _archive(files: Mapping[str, str]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content.encode())
            entry.mode = 0o440
            archive.addfile(entry, io.BytesIO(content.encode()))
    return stream.getvalue()


def bounds(profile: ContainerProfile) -> dict[str, object]:
    """Return a profile's limits in the SDK's words."""
    memory = f"{profile.memory_mb}m"
    limits = {"mem_limit": memory, "memswap_limit": memory, "pids_limit": pids_limit(profile.memory_mb)}
    shared = {} if profile.shm_mb is None else {"shm_size": f"{profile.shm_mb}m"}
    return limits | {"cpu_shares": profile.cpu_shares} | shared
