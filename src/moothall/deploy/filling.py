"""Fill in the markers of a planned file: the only moment at which a secret stands in a text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from moothall.model.planned import Certificate
from moothall.ports import Vault

_MARKER = re.compile(r"<<(authority|secret|certificate|key)(?::([^>]+))?>>")


def fill(text: str, vault: Vault, leaves: Mapping[str, Certificate]) -> str:
    """Return `text` with every marker replaced by what the vault derives for it."""

    def value(match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind == "authority":
            return vault.authority()
        if kind == "secret":
            return vault.secret(name)
        return vault.certificate(leaves[name]) if kind == "certificate" else vault.key(leaves[name])

    return _MARKER.sub(value, text)
