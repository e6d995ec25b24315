"""Every certificate in use is the one that was planned, made from the key in use now, and far from its end."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.tar import join
from moothall.failures import Inconclusive
from moothall.model import filesname
from moothall.model.planned import SERVICE, Certificate, Container, Plan, Stack
from moothall.ports import Vault
from moothall.verify.context import VerifyContext
from moothall.verify.task import Task, Verdict, failed_verdict, passed_verdict, stack_task

LEAST_LIFE = 1 / 3
"""With less than this part of its life left, a certificate should have been renewed."""
_MOST_BYTES = 1 << 18
"""Of a container's files, all together, and more than they have."""
_LEAF = re.compile(r"<<certificate:([^>]+)>>")
_AUTHORITY = "<<authority>>"
_PEM = re.compile("-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----\n", re.DOTALL)


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each stack in which certificates are in use."""
    for stack in plan.stacks:
        if any(_certificates_in_use(container) for container in stack.containers):
            subject = f"the certificates in {stack.name} are the planned ones and valid"
            yield stack_task("certificates", stack, subject, partial(_look, stack))


def _certificates_in_use(container: Container) -> dict[str, str]:
    """Return the name of the certificate in each file of a container that runs."""
    matches_by_path = ((file.path, _LEAF.search(file.text)) for file in container.files if container.kind == SERVICE)
    return {path: match[1] for path, match in matches_by_path if match}


def pems(text: str) -> list[str]:
    """Return the certificates in a text, PEM."""
    return _PEM.findall(text)


def trusting_files(container: Container) -> list[str]:
    """Return the files of a container that runs which hold whom it trusts."""
    return [file.path for file in container.files if container.kind == SERVICE and file.text == _AUTHORITY]


def trust_troubles(text: str, vault: Vault) -> Iterator[str]:
    """Yield what is wrong with the authorities that a container trusts, in words; `text` is what it has, PEM."""
    trusted, installed = pems(vault.authority()), pems(text)
    if trusted[0] not in installed:
        yield "does not trust the authority that signs"
    if set(installed) - set(trusted):
        yield "trusts an authority that is in use no more: moothall up"


def _look(stack: Stack, context: VerifyContext) -> Verdict:
    """Read the certificates where they are used, and those of the authorities that are trusted there."""
    leaves, engine = context.plan.leaves, context.engine_pool.of_site(stack.site)
    problems, ends, due_containers = [], [], set()
    for container in stack.containers:
        trusting, in_use = trusting_files(container), _certificates_in_use(container)
        texts = file_texts(engine, container.name, [*trusting, *in_use])
        for path in trusting:
            troubles = trust_troubles(texts[path], context.vault)
            problems += [f"{path} of {container.name} {trouble}" for trouble in troubles]
        for path, name in in_use.items():
            try:
                certificate = InstalledCertificate(texts[path])
            except ValueError:
                problems.append(f"{path} of {container.name} holds no certificate")
                continue
            problems += [
                f"{path} of {container.name} {trouble}" for trouble in certificate.troubles(leaves[name], context.vault)
            ]
            ends.append(certificate.valid_until)
            if certificate.renewable(context.vault.certificate(leaves[name])):
                due_containers.add(container.name)
    if problems:
        return failed_verdict("; ".join(problems))
    renewal = (
        f"; renewal is due for {len(due_containers)} containers and loses no connection: moothall up"
        if due_containers
        else ""
    )
    return passed_verdict(f"{len(ends)} certificates, the first ends on {min(ends).date().isoformat()}{renewal}")


class InstalledCertificate:
    """A certificate in use, as it was read from a container."""

    def __init__(self, pem: str) -> None:
        """Take a text that begins with a certificate, PEM."""
        from cryptography import x509

        self.certificate = x509.load_pem_x509_certificate(pem.encode())
        self.valid_from, self.valid_until = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc

    def troubles(self, expected: Certificate, vault: Vault) -> Iterator[str]:
        """Yield what is wrong with it, in words."""
        subject = [self._subject_field(kind) for kind in ("2.5.4.3", "2.5.4.11")]
        name, key = reversed(subject) if expected.common_name is None else subject
        remaining = self.valid_until - datetime.now(UTC)
        if name != (expected.common_name or expected.name):
            yield f"is for {name} instead of {expected.common_name or expected.name}"
        elif key != vault.thumbprint(expected):
            yield "is of a key that is in use no more"
        elif not any(map(self._is_signed_by, pems(_authorities_of(expected, vault)))):
            yield "is signed by no authority that is in use: moothall up"
        if remaining.total_seconds() <= 0:
            yield f"ended on {self.valid_until.date().isoformat()}"
        elif remaining < (self.valid_until - self.valid_from) * LEAST_LIFE:
            yield f"ends on {self.valid_until.date().isoformat()} and was not renewed: moothall up"

    def renewable(self, newest: str) -> bool:
        """Say whether `up` would put a later one in its place."""
        return InstalledCertificate(newest).valid_from > self.valid_from

    def _is_signed_by(self, authority: str) -> bool:
        from cryptography.exceptions import InvalidSignature

        try:
            self.certificate.verify_directly_issued_by(InstalledCertificate(authority).certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True

    def _subject_field(self, kind: str) -> str:
        from cryptography.x509 import ObjectIdentifier

        attributes = self.certificate.subject.get_attributes_for_oid(ObjectIdentifier(kind))
        return str(attributes[0].value) if attributes else ""


def _authorities_of(leaf: Certificate, vault: Vault) -> str:
    """Return the authorities by whose word a certificate is believed, PEM."""
    return vault.people_authority() if leaf.is_for_people else vault.authority()


def file_texts(engine: Engine, container: str, paths: Sequence[str]) -> dict[str, str]:
    """Return files of a container's own, which may be anything by now, all in one question to the engine.

    Raises `Inconclusive` when one of them is no text.
    """
    if not paths:
        return {}
    stream, _ = engine.read_files(container, filesname.FOLDER)
    archive = join(stream, _MOST_BYTES)
    if archive is None:
        raise Inconclusive(f"{filesname.FOLDER} of {container} has more than {_MOST_BYTES} bytes")
    return {path: _text(archive, container, path) for path in paths}


def _text(archive: bytes, container: str, path: str) -> str:
    """Return a file of the archive of the folder that it is in."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
            member = tar.extractfile(path.removeprefix("/"))
            text = member.read().decode() if member else ""
    except (tarfile.TarError, LookupError, ValueError):
        text = ""
    if not text:
        raise Inconclusive(f"{path} of {container} is no file with a text")
    return text
