"""The name of a server of its own that a council has in an instance: the instance's, two hyphens, the council's.

No name that people choose has two hyphens in a row (`model.name`), so that it is nobody else's and both are told from
it.
"""

from __future__ import annotations

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
