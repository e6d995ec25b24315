"""The name of a server of its own that a council has in an instance: the instance's, two hyphens, the council's.

No name that people choose has two hyphens in a row (`model.name`), so that it is nobody else's and both are told from
it.
"""

from __future__ import annotations

from collections.abc import Container

_BETWEEN = "--"


def server_name(instance: str, council: str) -> str:
    """Return the name under which a council's own server stands as an instance of its own."""
    return f"{instance}{_BETWEEN}{council}"


def is_dedicated(server: str) -> bool:
    """Say whether a name is that of a council's own server."""
    return _BETWEEN in server


def used_instance(server: str) -> str:
    """Return the instance that people name for a server: itself, unless it is a council's own."""
    return server.partition(_BETWEEN)[0]


def owner(server: str) -> str:
    """Return the council whose own a server is; empty for one that is shared."""
    return server.partition(_BETWEEN)[2]


def may_be_left(unit: str, units: Container[str]) -> bool:
    """Say whether a unit is, or was, the own server of a council that is still among `units`, in an instance that is.

    Defined no more, it stands until the council's data is elsewhere and somebody says that it may go (`tenant move`).
    """
    return is_dedicated(unit) and used_instance(unit) in units and owner(unit) in units
