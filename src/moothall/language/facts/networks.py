"""Every network in the definitions: address spaces of sites, links, and the leaves that lie in an address space."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from moothall.language.facts.blocks import Block, block
from moothall.language.facts.dedicated import dedicated_servers
from moothall.language.facts.memoize import memoize_last
from moothall.model.written import Council, Definitions, Folder, Instance, Site
from moothall.source import Origin, Span


class Network(NamedTuple):
    """One network: its text and addresses, what it is, and the site whose address space it belongs in.

    An address space and a link have no `site`; a leaf at a site that is not known is left out altogether.
    """

    text: str
    what: str
    origin: Origin
    key: str = "network"
    site: Site | None = None

    @property
    def block(self) -> Block:
        """Return the addresses."""
        return block(self.text)

    @property
    def span(self) -> Span:
        """Return where the network is written."""
        return self.origin.value(self.key)


def networks(definitions: Definitions) -> Iterator[Network]:
    """Yield every network, in the order of the files."""
    yield from spaces(definitions)
    yield from links(definitions)
    yield from leaves(definitions)


def spaces(definitions: Definitions) -> Iterator[Network]:
    """Yield the address space of every site; it is no Docker network, but what lies in it is."""
    for folder in definitions.folders:
        for site in folder.partnership.sites.values():
            yield Network(site.network, f"the address space of {site.name}", site.origin)


def links(definitions: Definitions) -> Iterator[Network]:
    """Yield the network of every link."""
    for folder in definitions.folders:
        for link in folder.partnership.links:
            what = f"the link between {' and '.join(link.between)}"
            yield Network(link.network, what, link.origin)


@memoize_last
def leaves(definitions: Definitions) -> Iterator[Network]:
    """Yield every network that lies in a site's address space."""
    for folder in definitions.folders:
        for site in folder.partnership.sites.values():
            yield from _of_site(site)
        for instance in folder.partnership.instances.values():
            yield from _of_instance(folder, instance)
        for council in folder.councils:
            yield from _of_council(folder, council)
        for server in dedicated_servers(folder):
            origin = Origin(server.use.origin.document, (*server.use.origin.route, "networks"))
            for name, text in server.use.networks.items():
                yield from _leaf(folder, name, text, server.whose, origin, name)


def _of_site(site: Site) -> Iterator[Network]:
    yield Network(site.local, f"the local network of {site.name}", site.origin, "local", site)
    if site.local_access:
        yield Network(site.local_access, f"the local access network of {site.name}", site.origin, "local-access", site)


def _of_instance(folder: Folder, instance: Instance) -> Iterator[Network]:
    mirror, backup = instance.mirror, instance.backup
    yield from _leaf(folder, instance.site, instance.network, f"instance {instance.name}", instance.origin)
    if mirror:
        yield from _leaf(folder, mirror.site, mirror.network, f"the mirror of {instance.name}", mirror.origin)
    # Where the mirror stands, its network serves the backups too; the rule backup-network-unused says so.
    if backup and backup.network and not (mirror and mirror.site == backup.site):
        yield from _leaf(folder, backup.site, backup.network, f"the backups of {instance.name}", backup.origin)


def _of_council(folder: Folder, council: Council) -> Iterator[Network]:
    origin = Origin(council.origin.document, ("spec",))
    yield from _leaf(folder, council.site, council.network, f"council {council.metadata.name}", origin)


def _leaf(folder: Folder, site: str, text: str, whose: str, origin: Origin, key: str = "network") -> Iterator[Network]:
    if site in folder.partnership.sites:
        yield Network(text, f"the network of {whose}", origin, key, folder.partnership.sites[site])
