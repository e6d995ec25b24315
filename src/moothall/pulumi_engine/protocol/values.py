"""Property values in memory: JSON plus two marks, secret and unknown.

In state files and on the wire a secret is an object with Pulumi's signature key (`sdk/resource/properties.go`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = Any
Value = Any

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # a public mark, no secret
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """A value that only a real run will know; it equals nothing but itself."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that must never be shown or stored in clear."""

    value: Value

    def __repr__(self) -> str:
        return "Secret(…)"


def plain(value: Value) -> Value:
    """The value with every secret mark taken off."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def any_part(value: Value, test: Callable[[Value], bool]) -> bool:
    """Whether the value or a part of it passes the test."""
    if test(value):
        return True
    if isinstance(value, Secret):
        return any_part(value.value, test)
    if isinstance(value, Mapping):
        return any(any_part(item, test) for item in value.values())
    if isinstance(value, list):
        return any(any_part(item, test) for item in value)
    return False


def has_unknown(value: Value) -> bool:
    """Whether a part of the value is unknown."""
    return any_part(value, lambda part: part is UNKNOWN)


def has_secret(value: Value) -> bool:
    """Whether a part of the value is secret."""
    return any_part(value, lambda part: isinstance(part, Secret))


def secret_texts(value: Value, in_secret: bool = False) -> set[str]:
    """All texts that are marked secret, alone or as part of something marked."""
    if isinstance(value, Secret):
        return secret_texts(value.value, True)
    if isinstance(value, Mapping):
        return set().union(*(secret_texts(item, in_secret) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(secret_texts(item, in_secret) for item in value))
    return {value} if in_secret and isinstance(value, str) else set()


def is_sealed(value: Json) -> bool:
    """Whether a JSON value of a state file is a secret."""
    return isinstance(value, Mapping) and value.get(SIGNATURE) == SECRET_SIGNATURE


def without_defaults(value: Value) -> Value:
    """Inputs as the program passed them: the CLI also records defaults, named in `__defaults`, and internals."""
    if isinstance(value, Secret):
        return Secret(without_defaults(value.value))
    if isinstance(value, Mapping):
        default_keys = set(value.get("__defaults", ())) | {"__defaults", "__internal"}
        return {key: without_defaults(item) for key, item in value.items() if key not in default_keys}
    if isinstance(value, list):
        return [without_defaults(item) for item in value]
    return value
