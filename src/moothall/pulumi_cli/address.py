"""What may be said of a backend's address: of which kind it is and where. Who one is there, with which password and
with what options, is nobody else's business."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from moothall.pulumi_engine.state.redact import redact

_HIDDEN = "..."
_END = re.compile(r"[/?#]")
_SECRET_OPTION = re.compile(r"pass|secret|token|key|sig", re.IGNORECASE)


def named(url: str) -> str:
    """The backend by its scheme and its host, or its folder if it is one here: `postgres://db.example:5432`."""
    scheme, _, rest = url.partition("://")
    authority = _END.split(rest, maxsplit=1)[0]
    if scheme == "file":
        return f"{scheme}://{re.split('[?#]', rest, maxsplit=1)[0]}"
    if "@" in rest and "@" not in authority and ":" in authority:  # a sign in a password that ought to be encoded
        return f"{scheme}://{_HIDDEN}"
    return f"{scheme}://{authority.rpartition('@')[2]}"


def hidden(text: str, url: str) -> str:
    """A text of the CLI in which the backend is only named, however the CLI writes its address."""
    if not url:
        return text
    scheme, rest = url.split("://", maxsplit=1)
    text = text.replace(url, named(url))
    text = re.sub(rf"{re.escape(scheme)}://[^\s'\"]*[?@][^\s'\"]*", named(url), text)
    user = unquote(rest.rpartition("@")[0].partition(":")[0])
    return redact(text.replace(f'"{user}"', f'"{_HIDDEN}"') if user else text, _secrets(rest))


def _secrets(rest: str) -> Iterator[str]:
    """What opens the backend, as it stands in the address and as it is meant."""
    options = (option.partition("=") for option in rest.partition("?")[2].split("&"))
    password = rest.rpartition("@")[0].partition(":")[2]
    for part in (password, *(value for key, _, value in options if _SECRET_OPTION.search(key))):
        yield from {part, unquote(part), *_END.split(part)}  # what a sign in it cuts off is told by itself
