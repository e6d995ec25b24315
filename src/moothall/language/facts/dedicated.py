"""The servers that councils have for themselves in an instance, and the sites at which they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from moothall.model import dedicated
from moothall.model.written import Council, Folder, Instance, Use


class DedicatedServer(NamedTuple):
    """A council's own server in an instance of its partnership."""

    council: Council
    use: Use
    instance: Instance

    @property
    def name(self) -> str:
        """Return the name under which it stands as an instance of its own."""
        return dedicated.server_name(self.instance.name, self.council.metadata.name)

    @property
    def whose(self) -> str:
        """Return what people call it."""
        return f"the server of {self.council.metadata.name} in {self.instance.name}"


def dedicated_servers(folder: Folder) -> Iterator[DedicatedServer]:
    """Yield every server that a council of the folder has for itself, in a known instance."""
    instances = folder.partnership.instances
    for council in folder.councils:
        for use in council.uses.values():
            if use.dedicated and use.instance in instances:
                yield DedicatedServer(council, use, instances[use.instance])


def server_sites(instance: Instance) -> list[str]:
    """Return the sites at which a server of the instance has a network: its own, its mirror's, its backups'."""
    parts = [part.site for part in (instance.mirror, instance.backup) if part]
    return list(dict.fromkeys([instance.site, *parts]))
