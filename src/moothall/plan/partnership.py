"""The plan of one partnership, put together from its units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.model.planned import Certificate, Plan, PlannedUse, Stack
from moothall.model.resolved import Partnership
from moothall.plan import certificates, proofs
from moothall.plan.instance import instance_stacks
from moothall.plan.site import site_stack
from moothall.plan.tenant import council_stacks


def compile_plan(partnership: Partnership, images: Mapping[str, str]) -> Plan:
    """Return the whole plan; `images` maps the names of the platform images to their tags."""
    return Plan(
        partnership=partnership.name,
        title=partnership.title,
        domain=partnership.domain,
        agreed=partnership.agreed,
        as_of=partnership.as_of,
        stacks=tuple(sorted(_stacks(partnership, images), key=lambda stack: stack.name)),
        certificates=tuple(sorted(_certificates(partnership), key=lambda certificate: certificate.name)),
        tenants=tuple(proofs.tenant_plan(partnership, tenant) for tenant in partnership.tenants),
        mirrors=tuple(proofs.mirrors(partnership)),
        backups=tuple(proofs.backups(partnership)),
        planned=tuple(
            PlannedUse(planned.council, planned.instance, planned.module, planned.start)
            for planned in partnership.planned
        ),
    )


def _stacks(partnership: Partnership, images: Mapping[str, str]) -> Iterator[Stack]:
    for site in partnership.sites.values():
        yield site_stack(partnership, site)
    for instance in partnership.instances.values():
        yield from instance_stacks(partnership, instance, images)
    for council in partnership.councils.values():
        yield from council_stacks(partnership, council, images)


def _certificates(partnership: Partnership) -> Iterator[Certificate]:
    for instance in partnership.instances.values():
        yield from certificates.of_instance(instance)
    for tenant in partnership.tenants:
        yield from certificates.of_tenant(partnership, tenant)
