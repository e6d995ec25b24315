"""The plan of one partnership, put together from its units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.model.engines import Engines
from moothall.model.planned import Certificate, Plan, Stack
from moothall.model.resolved import Partnership, Tenant
from moothall.plan import certificates, expectations, networks, trail
from moothall.plan.approvals import approvals, data_owners
from moothall.plan.cross_engine_links import with_link_ends
from moothall.plan.instance import instance_stacks
from moothall.plan.site import site_stack
from moothall.plan.tenant import council_stacks


def compile_plan(partnership: Partnership, images: Mapping[str, str], engines: Engines | None = None) -> Plan:
    """Return the whole plan; `images` maps the names of the platform images to their tags.

    Which sites share an engine decides how links are laid; without `engines` all of them do.
    """
    partnership = with_link_ends(partnership, engines) if engines else partnership
    stacks = networks.with_network_digests(sorted(_stacks(partnership, images), key=lambda stack: stack.name))
    return Plan(
        partnership=partnership.name,
        title=partnership.title,
        domain=partnership.domain,
        agreed=partnership.agreed,
        as_of=partnership.as_of,
        stacks=stacks,
        certificates=tuple(sorted(set(_certificates(partnership)), key=lambda certificate: certificate.name)),
        tenants=tuple(expectations.tenant_plan(partnership, tenant) for tenant in partnership.tenants),
        mirrors=tuple(expectations.mirrors(partnership)),
        backups=tuple(expectations.backups(partnership)),
        drills=tuple(expectations.drills(partnership)),
        external=partnership.external,
        planned=partnership.planned,
        approvals=approvals(partnership, stacks),
        identities=partnership.identities,
        policy=partnership.policy,
        data_owners=data_owners(partnership),
        trail=trail.trail_plan(partnership),
    )


def _stacks(partnership: Partnership, images: Mapping[str, str]) -> Iterator[Stack]:
    for site in partnership.sites.values():
        yield site_stack(partnership, site, images)
    for instance in partnership.instances.values():
        yield from instance_stacks(partnership, instance, images)
    tenants_by_council: dict[str, list[Tenant]] = {}
    for tenant in partnership.tenants:
        tenants_by_council.setdefault(tenant.council, []).append(tenant)
    for name, council in partnership.councils.items():
        yield from council_stacks(partnership, council, tenants_by_council.get(name, ()), images)


def _certificates(partnership: Partnership) -> Iterator[Certificate]:
    for instance in partnership.instances.values():
        yield from certificates.of_instance(instance)
    for tenant in partnership.tenants:
        yield from certificates.of_tenant(partnership, tenant)
    yield from trail.of_store(partnership)
    yield from trail.of_senders(partnership)
