"""The address of a backend, as Pulumi names it: `s3://bucket`, `postgres://host/database`."""

from __future__ import annotations

import re

_HARMLESS = frozenset({"awssdk", "endpoint", "profile", "region", "s3ForcePathStyle", "sslmode", "use_path_style"})
"""What an address may say after its question mark and be shown; all else could be a password."""
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[!-~]+")


def backend_url(text: str) -> str:
    """Return the address that a word says; raises ValueError for anything else.

    A password in it is not repeated.
    """
    if not _ADDRESS.fullmatch(text):
        masked_text = re.sub(r"[^/]*@", "...@", text)
        raise ValueError(f"{masked_text!r} is not an address like s3://bucket")
    return text


def without_secrets(address: str) -> str:
    """Return an address as it may be kept and shown: dots stand for its user and password, what else could be secret is
    left out."""
    location, _, query = address.partition("?")
    harmless_parameters = [
        part for part in query.split("&") if part.partition("=")[0] in _HARMLESS and not re.search("@|%40", part)
    ]
    return "?".join(
        [re.sub(r"//[^/]*@", "//...@", location), *(["&".join(harmless_parameters)] if harmless_parameters else [])]
    )
