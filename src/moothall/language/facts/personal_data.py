"""Which councils have personal data at an instance or external service of somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from moothall.language.facts.tenancies import is_over, tenants
from moothall.model.tenancy import merge_levels
from moothall.model.written import Definitions, External, Folder, Instance, ModuleUse, Use

SPECIAL = "special-category"


class SharedUse(NamedTuple):
    """A council's use of a module with personal data, of a kind, at a service that another provides."""

    service: Instance | External
    provider: str
    council: str
    module: ModuleUse
    kind: str


def shared_uses(
    definitions: Definitions, folder: Folder, services: Mapping[str, Instance | External]
) -> Iterator[SharedUse]:
    """Yield every such use of the services given, by council; what is only planned or over shares nothing."""
    personal_modules = {
        name: module.personal_data for name, module in definitions.modules.items() if module.personal_data
    }
    offered_services = {
        name: service for name, service in services.items() if not personal_modules.keys().isdisjoint(service.offers)
    }
    for tenant in tenants(folder, offered_services):
        service = offered_services[tenant.use.instance]
        provider = service.host if isinstance(service, Instance) else service.provider
        if tenant.council.metadata.name == provider or is_over(tenant, definitions.as_of):
            continue
        for module in _modules(service, tenant.use).values():
            if module.module in personal_modules and not module.planned:
                yield SharedUse(
                    service, provider, tenant.council.metadata.name, module, personal_modules[module.module]
                )


def _modules(service: Instance | External, use: Use) -> Mapping[str, ModuleUse]:
    """Return the modules of a use, those that every tenant of the service has among them."""
    if isinstance(service, External) or service.tenants is None:
        return use.modules
    return merge_levels(service.tenants, use.tenancy).modules
