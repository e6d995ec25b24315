"""Resolve one partnership: follow references, apply dates, keep what is planned apart."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import date
from ipaddress import IPv4Network

from moothall.model import defaults, resolved, written
from moothall.model.agreed import DESTROY_AT_MOST, Policy
from moothall.model.dedicated import server_name
from moothall.model.units import optional_seconds, seconds
from moothall.resolve.dates import holds, is_in_force
from moothall.resolve.planned import planned_uses
from moothall.resolve.tenants import external_uses, tenants

_DAY = 24 * 60 * 60


def resolve(
    folder: written.Folder,
    modules: Mapping[str, written.Module],
    as_of: date,
    councils: Container[str] | None = None,
) -> resolved.Partnership:
    """Return the partnership as it stands on `as_of`, of its councils those in `councils`, or all.

    The definitions must have passed every rule: a reference that dangles here is a KeyError, an internal error.
    """
    partnership = folder.partnership
    sites = {name: _site(site) for name, site in sorted(partnership.sites.items()) if is_in_force(site, as_of)}
    links = [_link(link) for link in partnership.links if all(end in sites for end in link.between)]
    instances = {
        name: _instance(instance, sites, as_of, folder.active.get(name))
        for name, instance in sorted(partnership.instances.items())
        if instance.site in sites
    }
    instances = dict(sorted({**instances, **_dedicated_servers(folder, instances, as_of)}.items()))
    members = [
        council
        for council in sorted(folder.councils, key=lambda council: council.metadata.name)
        if holds(as_of, council.joined, council.leaves) and council.site in sites
    ]
    selected_members = [member for member in members if councils is None or member.metadata.name in councils]
    return resolved.Partnership(
        name=partnership.metadata.name,
        title=partnership.metadata.title,
        domain=partnership.domain,
        agreed=partnership.agreed,
        as_of=as_of,
        parties=partnership.parties,
        owners={name: body.owned_by for name, body in sorted(partnership.organisations.items()) if body.owned_by},
        policy=_policy(folder, {*sites, *instances, *(council.metadata.name for council in members)}),
        sites=sites,
        links={link.name: link for link in sorted(links, key=lambda link: link.name)},
        instances=instances,
        identities={council.metadata.name: _uid(council) for council in members},
        councils={council.metadata.name: _council(council) for council in selected_members},
        tenants=tuple(
            t for c in selected_members for t in tenants(c, partnership, modules, as_of) if t.instance in instances
        ),
        external=tuple(e for council in selected_members for e in external_uses(council, partnership, as_of)),
        planned=tuple(planned_uses(folder, as_of)),
        logs=_logs(
            partnership, sites, [t for c in members for t in tenants(c, partnership, modules, as_of)], instances
        ),
    )


def _logs(
    partnership: written.Partnership,
    sites: Mapping[str, resolved.Site],
    standing: list[resolved.Tenant],
    instances: Mapping[str, resolved.Instance],
) -> resolved.Logs | None:
    """Return where the trail is gathered, if that site stands on the day."""
    logs = partnership.logs
    if logs is None or logs.site not in sites:
        return None
    senders = sorted((tenant.council, tenant.instance) for tenant in standing if tenant.instance in instances)
    return resolved.Logs(logs.site, -(-seconds(logs.keep) // _DAY), tuple(senders), logs.origin.key())


def _policy(folder: written.Folder, current_names: set[str]) -> Policy:
    partnership = folder.partnership
    names = {*partnership.sites, *partnership.instances, *(council.metadata.name for council in folder.councils)}
    policy = partnership.policy or written.Policy(None, (), partnership.origin)
    destroy_at_most = DESTROY_AT_MOST if policy.destroy_at_most is None else policy.destroy_at_most
    replaced_sites = {
        site.replaces for name, site in partnership.sites.items() if name in current_names and site.replaces
    }
    return Policy(destroy_at_most, _may_lose(folder, policy), tuple(sorted(names - current_names | replaced_sites)))


def _may_lose(folder: written.Folder, policy: written.Policy) -> tuple[str, ...]:
    """Return the instances whose data a change may destroy, and the servers that councils have for themselves in
    them."""
    servers = [
        server_name(use.instance, council.metadata.name)
        for council in folder.councils
        for use in council.uses.values()
        if use.dedicated and use.instance in policy.data_loss
    ]
    return (*policy.data_loss, *sorted(servers))


def _dedicated_servers(
    folder: written.Folder, instances: Mapping[str, resolved.Instance], as_of: date
) -> Mapping[str, resolved.Instance]:
    """Return the servers that councils have for themselves, each as an instance of its own, by name.

    One stands from the first day of the tenancy for as long as the council's file has it: there is data in it when the
    tenancy is over.
    """
    servers: dict[str, resolved.Instance] = {}
    for council in folder.councils:
        for use in council.uses.values():
            instance = instances.get(use.instance)
            if instance and use.dedicated and not use.planned and use.stands_from(council.joined) <= as_of:
                name = server_name(use.instance, council.metadata.name)
                servers[name] = _dedicated_server(instance, name, use, folder.active.get(name))
    return servers


def _dedicated_server(
    instance: resolved.Instance, name: str, use: written.Use, active: written.Active | None
) -> resolved.Instance:
    """Return a council's own server: as the instance is, on networks of its own."""
    return replace(
        instance,
        name=name,
        networks={site: IPv4Network(use.networks[site]) for site in instance.networks},
        active=_active(active) if instance.mirror else None,
        declared_at=use.origin.key("dedicated"),
    )


def _active(active: written.Active | None) -> resolved.Active | None:
    return resolved.Active(active.site, active.since, active.timeline, active.why) if active else None


def _site(site: written.Site) -> resolved.Site:
    return resolved.Site(
        name=site.name,
        owner=site.owner,
        operator=site.run_by or site.owner,
        space=IPv4Network(site.network),
        local=IPv4Network(site.local),
        local_access=IPv4Network(site.local_access) if site.local_access else None,
        transit=site.transit,
        declared_at=site.origin.key(),
    )


def _link(link: written.Link) -> resolved.Link:
    first, second = sorted(link.between)
    return resolved.Link(
        name=link.name,
        sites=(first, second),
        network=IPv4Network(link.network),
        declared_at=link.origin.value(),
    )


def _instance(
    instance: written.Instance, sites: Mapping[str, resolved.Site], as_of: date, active: written.Active | None
) -> resolved.Instance:
    """Return an instance with those of its mirror and backup target that stand on the day."""
    mirror = instance.mirror
    if mirror and not (mirror.site in sites and is_in_force(mirror, as_of)):
        mirror = None
    backup = instance.backup if instance.backup and instance.backup.site in sites else None
    networks = {instance.site: IPv4Network(instance.network)}
    if backup and backup.network:
        networks[backup.site] = IPv4Network(backup.network)
    if instance.mirror and instance.mirror.site in sites and (mirror or _is_at_mirror_site(instance.mirror, backup)):
        # While the mirror is still to come, its network serves the backups that are kept there.
        networks[instance.mirror.site] = IPv4Network(instance.mirror.network)
    return resolved.Instance(
        name=instance.name,
        title=instance.title or instance.name,
        host=instance.host,
        product=instance.product,
        primary=instance.site,
        mirror=mirror.site if mirror else None,
        sync=mirror is not None and mirror.mode == "sync",
        recovery_point_seconds=optional_seconds(mirror.recovery_point) if mirror else None,
        recovery_time_seconds=optional_seconds(mirror.recovery_time) if mirror else None,
        backup=_backup(backup) if backup else None,
        drills={kind: seconds(every) for kind, every in instance.drills.intervals()} if instance.drills else {},
        networks=networks,
        offers=instance.offers,
        published_port=instance.published_port,
        active=_active(active) if mirror else None,
        declared_at=instance.origin.key(),
    )


def _is_at_mirror_site(mirror: written.Mirror, backup: written.Backup | None) -> bool:
    return backup is not None and backup.site == mirror.site


def _backup(backup: written.Backup) -> resolved.Backup:
    every, full_every = seconds(backup.every), seconds(backup.full_every or defaults.FULL_EVERY)
    return resolved.Backup(backup.site, every, max(every, full_every), backup.keep.full, backup.keep.days)


def _council(council: written.Council) -> resolved.Council:
    return resolved.Council(
        name=council.metadata.name,
        uid=_uid(council),
        title=council.metadata.title,
        site=council.site,
        network=IPv4Network(council.network),
        declared_at=council.origin.value("metadata", "name"),
    )


def _uid(council: written.Council) -> str:
    return council.metadata.uid or council.metadata.name
