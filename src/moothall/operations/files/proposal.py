"""What is proposed for a council that joins, from what stands in the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from moothall.failures import REFUSED, OperationError
from moothall.language.checks.free_network import next_network
from moothall.model.written import Definitions, Folder, Instance, Site

Uses = Mapping[str, Sequence[str] | None]


def title(name: str) -> str:
    """Return a proposed title for a council of this name."""
    return f"{' '.join(word.capitalize() for word in name.split('-'))} Council"


def site(definitions: Definitions, folder: Folder, day: date) -> str:
    """Return the site with room at which most councils are; OperationError where no site has room."""
    names = [council.site for council in folder.councils]
    sites = [candidate for candidate in folder.partnership.sites.values() if _is_open(candidate, day)]
    for candidate in sorted(sites, key=lambda candidate: -names.count(candidate.name)):
        if next_network(definitions, folder, candidate):
            return candidate.name
    message = f"no site of {folder.partnership.metadata.name} has room for one more network"
    raise OperationError(message, state="Nothing was written.", hint="widen the network of a site", exit_code=REFUSED)


def network(definitions: Definitions, folder: Folder, name: str) -> str:
    """Return the next free network of a site of the partnership; OperationError where there is none."""
    free_network = next_network(definitions, folder, folder.partnership.sites[name])
    if free_network is None:
        message = f"{name} has no room for one more network"
        raise OperationError(
            message, state="Nothing was written.", hint="add --network CIDR, or another --site", exit_code=REFUSED
        )
    return str(free_network)


def modules(folder: Folder, instance: str) -> Sequence[str] | None:
    """Return the modules of a use that names none: those on offer; None if the instance has modules for tenants."""
    service = folder.partnership.instances.get(instance) or folder.partnership.external.get(instance)
    if service is None or (isinstance(service, Instance) and service.tenants and service.tenants.modules):
        return None
    return service.offers


def offered_modules(folder: Folder, uses: Uses) -> dict[str, Sequence[str]]:
    """Return, by instance, the modules that the council may take later: those on offer that it does not use."""
    unused_modules = {name: _unused_modules(instance, uses) for name, instance in folder.partnership.instances.items()}
    return {name: names for name, names in unused_modules.items() if names}


def _unused_modules(instance: Instance, uses: Uses) -> Sequence[str]:
    if instance.name not in uses:
        return instance.offers
    tenant_modules = instance.tenants.modules if instance.tenants else {}
    used_modules = {*tenant_modules, *(uses[instance.name] or ())}
    return [module for module in instance.offers if module not in used_modules]


def _is_open(site: Site, day: date) -> bool:
    has_begun = site.start is None or site.start <= day
    return has_begun and not site.planned and (site.until is None or day < site.until)
