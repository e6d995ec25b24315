"""Resolve one partnership: follow references, apply dates, keep what is planned apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from ipaddress import IPv4Network

from moothall.model import resolved, written
from moothall.resolve.dates import holds
from moothall.resolve.durations import seconds


def resolve(folder: written.Folder, modules: Mapping[str, written.Module], as_of: date) -> resolved.Partnership:
    """Return the partnership as it stands on `as_of`.

    The definitions must have passed every rule: a reference that dangles here is a KeyError, a bug of ours.
    """
    partnership = folder.partnership
    councils = sorted(folder.councils, key=lambda council: council.metadata.name)
    return resolved.Partnership(
        name=partnership.metadata.name,
        title=partnership.metadata.title,
        domain=partnership.domain,
        agreed=partnership.agreed,
        as_of=as_of,
        sites={name: _site(site) for name, site in sorted(partnership.sites.items())},
        links={link.name: link for link in sorted(map(_link, partnership.links), key=lambda link: link.name)},
        instances={name: _instance(instance) for name, instance in sorted(partnership.instances.items())},
        councils={council.metadata.name: _council(council) for council in councils if council.joined <= as_of},
        tenants=tuple(t for c in councils if c.joined <= as_of for t in _tenants(c, modules, as_of)),
        planned=tuple(p for council in councils for p in _planned(council, as_of)),
    )


def _site(site: written.Site) -> resolved.Site:
    return resolved.Site(
        name=site.name,
        owner=site.owner,
        operator=site.run_by or site.owner,
        space=IPv4Network(site.network),
        local=IPv4Network(site.local),
        desk=IPv4Network(site.desk) if site.desk else None,
        transit=site.transit,
        because=site.origin.key(),
    )


def _link(link: written.Link) -> resolved.Link:
    first, second = sorted(link.between)
    return resolved.Link(
        name=f"link-{first}-{second}",
        sites=(first, second),
        network=IPv4Network(link.network),
        because=link.origin.value(),
    )


def _instance(instance: written.Instance) -> resolved.Instance:
    mirror, backup = instance.mirror, instance.backup
    networks = {instance.site: IPv4Network(instance.network)}
    if backup and backup.network:
        networks[backup.site] = IPv4Network(backup.network)
    if mirror:
        networks[mirror.site] = IPv4Network(mirror.network)
    return resolved.Instance(
        name=instance.name,
        title=instance.title or instance.name,
        host=instance.host,
        product=instance.product,
        primary=instance.site,
        mirror=mirror.site if mirror else None,
        backup=resolved.Backup(backup.site, seconds(backup.every), backup.keep_full) if backup else None,
        networks=networks,
        offers=instance.offers,
        desk_port=instance.desk_port,
        because=instance.origin.key(),
    )


def _council(council: written.Council) -> resolved.Council:
    return resolved.Council(
        name=council.metadata.name,
        uid=council.metadata.uid or council.metadata.name,
        title=council.metadata.title,
        site=council.site,
        network=IPv4Network(council.network),
        because=council.origin.value("metadata", "name"),
    )


def _tenants(council: written.Council, modules: Mapping[str, written.Module], as_of: date) -> Iterator[resolved.Tenant]:
    for use in sorted(council.uses.values(), key=lambda use: use.instance):
        if use.planned or not holds(as_of, use.start or council.joined, use.until):
            continue
        uses = sorted(use.modules.values(), key=lambda module: module.module)
        enabled = [m for m in uses if not m.planned and holds(as_of, m.start or use.start or council.joined, m.until)]
        yield resolved.Tenant(
            council=council.metadata.name,
            instance=use.instance,
            modules=tuple(_module(modules[module.module]) for module in enabled),
            because=use.origin.key(),
        )


def _module(module: written.Module) -> resolved.Module:
    return resolved.Module(
        name=module.metadata.name,
        title=module.metadata.title,
        tryton_modules=module.tryton_modules,
        proof_model=module.proof_model,
    )


def _planned(council: written.Council, as_of: date) -> Iterator[resolved.Planned]:
    for use in sorted(council.uses.values(), key=lambda use: use.instance):
        start = use.start or council.joined
        if use.planned or start > as_of:
            date_or_none = None if use.planned else start
            yield resolved.Planned(council.metadata.name, use.instance, None, date_or_none, use.origin.key())
            continue
        for module in sorted(use.modules.values(), key=lambda module: module.module):
            begins = module.start or start
            if module.planned or begins > as_of:
                date_or_none = None if module.planned else begins
                yield resolved.Planned(
                    council.metadata.name, use.instance, module.module, date_or_none, module.origin.key()
                )
