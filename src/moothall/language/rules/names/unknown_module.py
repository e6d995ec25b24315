"""unknown-module: a module that is offered, used or needed and is not in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Hint
from moothall.language.checks.finding import unknown
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.language.facts.module_refs import unoffered_mentions
from moothall.language.facts.symbols import Reference
from moothall.model.written import Definitions

RULE = "unknown-module"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every module that is not there; a council is not blamed for what a service offers."""
    modules = symbols.modules(definitions)
    for name, span, _ in references(definitions):
        if name not in modules:
            hint = Hint(name, modules, otherwise=f"Or add modules/{name}/module.yaml.")
            yield unknown(RULE, f'there is no module "{name}" in the catalogue', hint, span)


def references(definitions: Definitions) -> Iterator[Reference]:
    """Yield every name that a module must have; what a council uses and its service offers is named by the service."""
    for folder in definitions.folders:
        for service in symbols.services(folder.partnership).values():
            for number, name in enumerate(service.offers):
                yield Reference(name, service.origin.value("offers", number), service.offers)
    for mention in unoffered_mentions(definitions):
        yield Reference(mention.module, mention.span, mention.siblings)
    for module in definitions.modules.values():
        for number, name in enumerate(module.needs):
            yield Reference(name, module.origin.value("spec", "needs", number), (*module.needs, module.metadata.name))
