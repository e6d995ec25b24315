"""no-modules: a use that neither the council nor the instance gives any module."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.language.facts.symbols import Service
from moothall.model.written import Definitions, Instance

RULE = "no-modules"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every use of an instance or external service with no module on any level."""
    for folder in definitions.folders:
        services = symbols.services(folder.partnership)
        names_without_modules = {name for name, service in services.items() if not _gives_modules(service)}
        for council in folder.councils:
            for name, use in council.uses.items():
                if name in names_without_modules and not use.modules:
                    summary = f'{council.metadata.name} uses no module of "{name}"'
                    detail = "Add the key modules with those it uses, or remove the use."
                    related = Label(services[name].origin.key("offers"), "what it offers")
                    yield error(RULE, summary, detail, use.origin.key(), related)


def _gives_modules(service: Service) -> bool:
    return isinstance(service, Instance) and service.tenants is not None and bool(service.tenants.modules)
