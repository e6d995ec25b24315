"""setting-without-effect: a setting that changes nothing where it stands.

An external service is not stood up here, so that nothing can be set for it; a share divides a cost, and without one
there is nothing to divide; who answers for personal data matters where there is some. Networks and storage are those
of a tenant's own server, where that stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error, warning
from moothall.language.checks.scope import Scope
from moothall.language.facts.dedicated import server_sites
from moothall.model.written import Definitions, Folder, Instance, Module, ModuleUse, Partnership, Tenancy, Use

RULE = "setting-without-effect"
SCOPE = Scope.COUNCIL

_OF_A_TENANT = ("memory", "session", "password-length", "share", "recovery-point", "recovery-time")
_OF_A_SERVER = ("networks", "storage")
_OF_A_USE = ("replaces", "dedicated", *_OF_A_SERVER)


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every such setting; a data owner too many does no harm and is a warning."""
    for folder in definitions.folders:
        for use in (use for council in folder.councils for use in council.uses.values()):
            if use.instance in folder.partnership.external:
                yield from _of_external(folder.partnership, use)
            elif use.instance in folder.partnership.instances:
                yield from _of_server(folder.partnership.instances[use.instance], use)
        for tenancy, instance in _tenancies(folder):
            if tenancy.share is not None and instance.name not in folder.partnership.shares:
                yield _share(tenancy, instance)
        for tenancy in _all_tenancies(folder):
            yield from _data_owners(tenancy.modules, definitions.modules)


def _of_external(partnership: Partnership, use: Use) -> Iterator[Diagnostic]:
    related = Label(partnership.external[use.instance].origin.key(), "an external service")
    for key in (*_OF_A_TENANT, *_OF_A_USE):
        noun = use if key in _OF_A_USE else use.tenancy
        value = getattr(noun, key.replace("-", "_"))
        if value is not None and value is not False and value != {}:
            summary = f'"{key}" has no effect on an external service'
            yield error(RULE, summary, "It is not stood up here: remove the key.", use.origin.key(key), related)


def _of_server(instance: Instance, use: Use) -> Iterator[Diagnostic]:
    for key in _OF_A_SERVER if not use.dedicated else ():
        if getattr(use, key):
            detail = "Add `dedicated: true` if the tenant is to have a server of its own, or remove the key."
            yield error(RULE, f'"{key}" has no effect on a tenant that shares a server', detail, use.origin.key(key))
    sites = server_sites(instance)
    for site in use.networks if use.dedicated else ():
        if site not in sites:
            summary = f'"{site}" has no effect: nothing of "{instance.name}" stands there'
            detail = f"It stands at {' and at '.join(sites)}: remove the key."
            related = Label(instance.origin.key(), "the instance")
            yield error(RULE, summary, detail, use.origin.key("networks", site), related)


def _share(tenancy: Tenancy, instance: Instance) -> Diagnostic:
    summary = f'"share" has no effect: the partnership states no cost of "{instance.name}"'
    detail = f"Add {instance.name} with its annual-cost to the shares of the partnership, or remove the key."
    return error(RULE, summary, detail, tenancy.origin.key("share"), Label(instance.origin.key(), "the instance"))


def _data_owners(uses: Mapping[str, ModuleUse], modules: Mapping[str, Module]) -> Iterator[Diagnostic]:
    for use in uses.values():
        module = modules.get(use.module)
        if use.data_owner and module and module.personal_data is None:
            summary = f'"data-owner" has no effect: "{use.module}" holds no personal data'
            detail = "Remove the key, or say in the module's file what personal data it holds."
            related = Label(module.origin.key("spec"), "the module")
            yield warning(RULE, summary, detail, use.origin.key("data-owner"), related)


def _tenancies(folder: Folder) -> Iterator[tuple[Tenancy, Instance]]:
    """Yield what is set for the tenants of instances, on every level."""
    instances = folder.partnership.instances
    for instance in instances.values():
        if instance.tenants:
            yield instance.tenants, instance
    for council in folder.councils:
        for use in council.uses.values():
            if use.instance in instances:
                yield use.tenancy, instances[use.instance]


def _all_tenancies(folder: Folder) -> Iterator[Tenancy]:
    """Yield what is set on every level, for instances and external services."""
    yield from (tenancy for tenancy, _ in _tenancies(folder))
    for council in folder.councils:
        yield from (use.tenancy for use in council.uses.values() if use.instance in folder.partnership.external)
