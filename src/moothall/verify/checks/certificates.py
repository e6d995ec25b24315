"""Every certificate in use is the one that was planned, made from the key in use now, and far from its end."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from moothall.docker_engine.engine import Engine
from moothall.failures import Inconclusive
from moothall.model.planned import SERVICE, Certificate, Container, Plan, Stack
from moothall.ports import Vault
from moothall.verify.context import VerifyContext
from moothall.verify.task import Task, Verdict, failed, passed, stack_task

LEAST_LIFE = 1 / 3
"""With less than this part of its life left, a certificate should have been renewed."""
_MOST_BYTES = 1 << 16
_LEAF = re.compile(r"<<certificate:([^>]+)>>")


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each stack in which certificates are in use."""
    for stack in plan.stacks:
        if any(_used(container) for container in stack.containers):
            subject = f"the certificates in {stack.name} are the planned ones and valid"
            yield stack_task("certificates", stack, subject, partial(_look, stack))


def _used(container: Container) -> dict[str, str]:
    """Return the name of the certificate in each file of a container that runs."""
    found = ((file.path, _LEAF.search(file.text)) for file in container.files if container.kind == SERVICE)
    return {path: match[1] for path, match in found if match}


def _look(stack: Stack, context: VerifyContext) -> Verdict:
    """Read the certificates where they are used."""
    leaves = context.plan.leaves
    wrong, ends, due = [], [], set()
    for container in stack.containers:
        for path, name in _used(container).items():
            text = _text(context.engine_pool.at(stack.site), container.name, path)
            try:
                found = Found(text)
            except ValueError:
                wrong.append(f"{path} of {container.name} holds no certificate")
                continue
            wrong += [
                f"{path} of {container.name} {trouble}" for trouble in found.troubles(leaves[name], context.vault)
            ]
            ends.append(found.until)
            if found.renewable(context.vault.certificate(leaves[name])):
                due.add(container.name)
    if wrong:
        return failed("; ".join(wrong))
    renewal = f"; renewal is due for {len(due)} containers and loses no connection: moothall up" if due else ""
    return passed(f"{len(ends)} certificates, the first ends on {min(ends).date().isoformat()}{renewal}")


class Found:
    """A certificate as it was found."""

    def __init__(self, pem: str) -> None:
        """Take a text that begins with a certificate, PEM."""
        from cryptography import x509

        self.certificate = x509.load_pem_x509_certificate(pem.encode())
        self.since, self.until = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc

    def troubles(self, planned: Certificate, vault: Vault) -> Iterator[str]:
        """Yield what is wrong with it, in words."""
        name, unit = (self._said(kind) for kind in ("2.5.4.3", "2.5.4.11"))
        left = self.until - datetime.now(UTC)
        if name != planned.common_name:
            yield f"is for {name} instead of {planned.common_name}"
        elif unit != vault.thumbprint(planned):
            yield "is of a key that is in use no more"
        if left.total_seconds() <= 0:
            yield f"ended on {self.until.date().isoformat()}"
        elif left < (self.until - self.since) * LEAST_LIFE:
            yield f"ends on {self.until.date().isoformat()} and was not renewed: moothall up"

    def renewable(self, newest: str) -> bool:
        """Say whether `up` would put a later one in its place."""
        return Found(newest).since > self.since

    def _said(self, kind: str) -> str:
        from cryptography.x509 import ObjectIdentifier

        found = self.certificate.subject.get_attributes_for_oid(ObjectIdentifier(kind))
        return str(found[0].value) if found else ""


def _text(engine: Engine, container: str, path: str) -> str:
    """Return a file of a container, which may be anything by now; raises `Inconclusive` when it is no text."""
    stream, what = engine.read_files(container, path)
    if what["size"] > _MOST_BYTES:
        raise Inconclusive(f"{path} of {container} has {what['size']} bytes and is no certificate")
    packed = io.BytesIO(b"".join(stream))
    try:
        with tarfile.open(fileobj=packed) as tar:
            member = tar.extractfile(tar.getmembers()[0])
            text = member.read().decode() if member else ""
    except (tarfile.TarError, LookupError, ValueError):
        text = ""
    if not text:
        raise Inconclusive(f"{path} of {container} is no file with a text")
    return text
