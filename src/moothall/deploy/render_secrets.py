"""Fill in the markers of a planned file: the only moment at which a secret stands in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from moothall.model.planned import Certificate, Container, File, Stack
from moothall.ports import Vault

_MARKER = re.compile(r"<<(authority|secret|folder|certificate|key|thumbprint)(?::([^>]+))?>>")
_EACH_FORMER = re.compile(r"<<each-former:([^>]+)>>(.*?)<<end>>", re.DOTALL)


def fill(text: str, vault: Vault, leaves: Mapping[str, Certificate]) -> str:
    """Return `text` with every marker replaced by what the vault derives for it."""

    def value(match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind == "authority":
            return vault.authority()
        if kind == "secret":
            return vault.secret(name)
        if kind == "folder":
            return folder(vault.generation(name))
        leaf_values = {"certificate": vault.certificate, "key": vault.key, "thumbprint": vault.thumbprint}
        return leaf_values[kind](leaves[name])

    def values(match: re.Match[str]) -> str:
        label, line = match.groups()
        return "".join(
            line.format(number=number, folder=folder(generation), secret=secret)
            for number, (generation, secret) in enumerate(vault.former_secrets(label).items(), start=2)
        )

    return _MARKER.sub(value, _EACH_FORMER.sub(values, text))


def folder(generation: int) -> str:
    """Return the part of a path that tells a generation; the first has none."""
    return f"/generation-{generation}" if generation > 1 else ""


def later_generations(stack: Stack, generation_tag: Callable[[str], str]) -> str:
    """Return what stands for the generations of a stack's secrets and certificates; empty while all are the first."""
    labels = sorted(_labels(file for container in stack.containers for file in container.files))
    return " ".join(f"{label}={tag}" for label in labels if (tag := generation_tag(label)))


def rotated_at(container: Container, vault: Vault) -> int:
    """Return the last change of the keyring that what a container is recreated for follows, 0 for none.

    Files that are exchanged in place do not count: no label of what holds them can change without recreating it, and
    then nobody would have the container read them.
    """
    files = [file for file in container.files if file.path not in container.leaf_files]
    return max(map(vault.rotated_at, _labels(files)), default=0)


def secret_labels(stack: Stack) -> set[str]:
    """Return the labels of the secrets that are filled into the files of a stack."""
    texts = (file.text for container in stack.containers for file in container.files)
    return {name for text in texts for kind, name in _MARKER.findall(text) if kind == "secret"}


def _labels(files: Iterable[File]) -> set[str]:
    """Return the labels, as versions know them, of all that is filled into files."""
    markers = {match.groups() for file in files for match in _MARKER.finditer(file.text)}
    return {_label(kind, name) for kind, name in markers}


def _label(kind: str, name: str | None) -> str:
    return f"{'secret' if kind in ('secret', 'folder') else 'leaf'}/{name}" if name else kind
