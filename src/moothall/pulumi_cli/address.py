"""The public part of a backend's address, its scheme and host: user, password and options are left out of messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from moothall.pulumi_engine.state.redact import redact

_HIDDEN = "..."
_END = re.compile(r"[/?#]")
_SECRET_OPTION = re.compile(r"pass|secret|token|key|sig", re.IGNORECASE)


def public_address(url: str) -> str:
    """Return the backend's scheme and host, or its folder if it is a local one: `postgres://db.example:5432`."""
    scheme, _, rest = url.partition("://")
    authority = _END.split(rest, maxsplit=1)[0]
    if scheme == "file":
        return f"{scheme}://{re.split('[?#]', rest, maxsplit=1)[0]}"
    if "@" in rest and "@" not in authority and ":" in authority:  # a sign in a password that ought to be encoded
        return f"{scheme}://{_HIDDEN}"
    return f"{scheme}://{authority.rpartition('@')[2]}"


def redact_address(text: str, url: str) -> str:
    """Return a text of the CLI with the backend's address replaced by its public part, in every form the CLI writes."""
    if not url:
        return text
    scheme, rest = url.split("://", maxsplit=1)
    text = text.replace(url, public_address(url))
    text = re.sub(rf"{re.escape(scheme)}://[^\s'\"]*[?@][^\s'\"]*", public_address(url), text)
    user = unquote(rest.rpartition("@")[0].partition(":")[0])
    return redact(text.replace(f'"{user}"', f'"{_HIDDEN}"') if user else text, _secrets(rest))


def _secrets(rest: str) -> Iterator[str]:
    """Yield the secrets of an address, as written and URL-decoded."""
    options = (option.partition("=") for option in rest.partition("?")[2].split("&"))
    password = rest.rpartition("@")[0].partition(":")[2]
    for part in (password, *(value for key, _, value in options if _SECRET_OPTION.search(key))):
        yield from {part, unquote(part), *_END.split(part)}  # what a sign in it cuts off is yielded on its own
