"""Fill in the markers of a planned file: the only moment at which a secret stands in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from moothall.model.planned import Certificate, Stack
from moothall.ports import Vault

_MARKER = re.compile(r"<<(authority|secret|certificate|key|thumbprint)(?::([^>]+))?>>")


def fill(text: str, vault: Vault, leaves: Mapping[str, Certificate]) -> str:
    """Return `text` with every marker replaced by what the vault derives for it."""

    def value(match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind == "authority":
            return vault.authority()
        if kind == "secret":
            return vault.secret(name)
        leaf_values = {"certificate": vault.certificate, "key": vault.key, "thumbprint": vault.thumbprint}
        return leaf_values[kind](leaves[name])

    return _MARKER.sub(value, text)


def later_generations(stack: Stack, generation_tag: Callable[[str], str]) -> str:
    """Return what stands for the generations of a stack's secrets and certificates; empty while all are the first."""
    texts = (file.text for container in stack.containers for file in container.files)
    markers = {match.groups() for text in texts for match in _MARKER.finditer(text)}
    labels = sorted({f"{'secret' if kind == 'secret' else 'leaf'}/{name}" for kind, name in markers if name})
    return " ".join(f"{label}={tag}" for label in labels if (tag := generation_tag(label)))
