"""The tenancies of one council on one day, with the settings of all levels merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from moothall.model import defaults, resolved, written
from moothall.model.agreed import ExternalUse
from moothall.model.dedicated import server_name
from moothall.model.tenancy import merge_levels
from moothall.model.units import mebibytes, optional_seconds, seconds
from moothall.resolve.dates import holds


def tenants(
    council: written.Council, partnership: written.Partnership, modules: Mapping[str, written.Module], as_of: date
) -> Iterator[resolved.Tenant]:
    """Yield the council's tenancies that hold on the day, by instance."""
    for use in _current_uses(council, as_of):
        if use.instance in partnership.instances:
            yield _tenant(council, use, partnership.instances[use.instance], modules, as_of)


def external_uses(council: written.Council, partnership: written.Partnership, as_of: date) -> Iterator[ExternalUse]:
    """Yield the council's uses, on the day, of services that somebody outside provides."""
    for use in _current_uses(council, as_of):
        service = partnership.external.get(use.instance)
        if service:
            yield ExternalUse(
                council=council.metadata.name,
                service=service.name,
                title=service.title or service.name,
                provider=service.provider,
                modules=tuple(m.module for m in enabled_modules(use.modules, use.stands_from(council.joined), as_of)),
                address=service.address,
            )


def enabled_modules(modules: Mapping[str, written.ModuleUse], use_start: date, as_of: date) -> list[written.ModuleUse]:
    """Return the modules that are switched on on the day, of a use that begins on `use_start`, by name."""
    uses = sorted(modules.values(), key=lambda use: use.module)
    return [use for use in uses if not use.planned and holds(as_of, use.start or use_start, use.until)]


def _current_uses(council: written.Council, as_of: date) -> Iterator[written.Use]:
    for use in sorted(council.uses.values(), key=lambda use: use.instance):
        if not use.planned and holds(as_of, use.stands_from(council.joined), use.until):
            yield use


def _tenant(
    council: written.Council,
    use: written.Use,
    instance: written.Instance,
    modules: Mapping[str, written.Module],
    as_of: date,
) -> resolved.Tenant:
    tenancy = merge_levels(defaults.TENANCY, instance.tenants, use.tenancy)
    mirror = instance.mirror
    module_uses = enabled_modules(tenancy.modules, use.stands_from(council.joined), as_of)
    assert tenancy.memory is not None
    assert tenancy.session is not None
    assert tenancy.password_length is not None
    assert tenancy.share is not None
    return resolved.Tenant(
        council=council.metadata.name,
        instance=server_name(use.instance, council.metadata.name) if use.dedicated else use.instance,
        modules=tuple(_module(modules[each.module]) for each in module_uses),
        memory_mb=mebibytes(tenancy.memory),
        session_seconds=seconds(tenancy.session),
        password_length=tenancy.password_length,
        share=tenancy.share,
        recovery_point_seconds=optional_seconds(tenancy.recovery_point or (mirror and mirror.recovery_point)),
        recovery_time_seconds=optional_seconds(tenancy.recovery_time or (mirror and mirror.recovery_time)),
        declared_at=use.origin.key(),
        data_owners=tuple(
            each.data_owner or council.metadata.name for each in module_uses if modules[each.module].personal_data
        ),
    )


def _module(module: written.Module) -> resolved.Module:
    assert module.proof_model  # the rule module-provided-outside keeps others away from instances
    return resolved.Module(
        name=module.metadata.name,
        title=module.metadata.title,
        tryton_modules=module.tryton_modules,
        proof_model=module.proof_model,
    )
