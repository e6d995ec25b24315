"""What `verify` has to prove: how each tenant is reached, which mirrors stream, where backups are."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.dedicated import used_instance
from moothall.model.planned import Active, BackupPlan, DrillPlan, MirrorPlan, TenantPlan
from moothall.model.resolved import Partnership, Tenant
from moothall.plan import addresses, certificates, naming, secret_refs


def tenant_plan(partnership: Partnership, tenant: Tenant) -> TenantPlan:
    """Return how one tenant is reached and proved."""
    council, instance = partnership.councils[tenant.council], partnership.instances[tenant.instance]
    used = used_instance(instance.name)

    def name(site: str, role: str) -> str:
        stack = naming.unit_stack(partnership.name, council.name, site)
        return naming.engine_name(stack, role if role == "network" else f"{used}-{role}")

    return TenantPlan(
        council=council.name,
        instance=instance.name,
        council_title=council.title,
        instance_title=instance.title,
        database=naming.database(council.name),
        host_name=naming.host_name(council.name, used, partnership.domain),
        network=name(council.site, "network"),
        relay=name(council.site, "relay"),
        application=name(instance.primary, "application"),
        gateway=name(instance.primary, "gateway"),
        waiting_application=name(instance.mirror, "application") if instance.mirror else None,
        waiting_gateway=name(instance.mirror, "gateway") if instance.mirror else None,
        local_access_url=_local_access_url(partnership, tenant),
        login="admin",
        admin_secret=secret_refs.tenant_secret(council.uid, used, "admin-password"),
        modules={module.name: module.tryton_modules for module in tenant.modules},
        proof_models={module.name: module.proof_model for module in tenant.modules},
    )


def _local_access_url(partnership: Partnership, tenant: Tenant) -> str | None:
    if not certificates.has_local_access(partnership, tenant):
        return None
    address = addresses.loopback_twin(partnership.councils[tenant.council].network)
    return f"https://{address}:{partnership.instances[tenant.instance].published_port}/"


def mirrors(partnership: Partnership) -> Iterator[MirrorPlan]:
    """Yield the mirrors of the partnership."""
    for instance in partnership.instances.values():
        if instance.mirror:
            tenants = [tenant for tenant in partnership.tenants if tenant.instance == instance.name]
            points = [tenant.recovery_point_seconds for tenant in tenants]
            times = [tenant.recovery_time_seconds for tenant in tenants]
            yield MirrorPlan(
                instance=instance.name,
                title=instance.title,
                primary_site=instance.primary,
                site=instance.mirror,
                primary=_server(partnership, instance.name, instance.primary),
                standby=_server(partnership, instance.name, instance.mirror),
                slots={site: naming.slot(site) for site in instance.servers},
                recovery_point_seconds=_shortest(instance.recovery_point_seconds, points),
                recovery_time_seconds=_shortest(instance.recovery_time_seconds, times),
                sync=instance.sync,
                active=Active(*instance.active) if instance.active else None,
            )


def _shortest(own_term: int | None, tenants: list[int | None]) -> int | None:
    """Return the shortest term, in seconds, that the instance or one of its tenants has agreed to."""
    return min((seconds for seconds in (own_term, *tenants) if seconds is not None), default=None)


def _server(partnership: Partnership, instance: str, site: str) -> str:
    return naming.engine_name(naming.unit_stack(partnership.name, instance, site), "postgres")


def backups(partnership: Partnership) -> Iterator[BackupPlan]:
    """Yield the backup targets of the partnership."""
    for instance in partnership.instances.values():
        if instance.backup:
            stack = naming.unit_stack(partnership.name, instance.name, instance.backup.site)
            yield BackupPlan(
                instance=instance.name,
                site=instance.backup.site,
                repository=naming.engine_name(stack, "repository"),
                stanza=instance.name,
                every_seconds=instance.backup.every_seconds,
                full_every_seconds=instance.backup.full_every_seconds,
                kept_seconds=instance.backup.kept_seconds,
            )


def drills(partnership: Partnership) -> Iterator[DrillPlan]:
    """Yield the drills that the definitions ask for."""
    for instance in partnership.instances.values():
        for kind, every in sorted(instance.drills.items()):
            yield DrillPlan(instance.name, kind, every)
