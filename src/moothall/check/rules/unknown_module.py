"""unknown-module: a module that is offered, used or needed and is not in the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from moothall.check import known
from moothall.check.finding import error
from moothall.check.fixes import reworded
from moothall.check.mentions import not_offered
from moothall.check.nearest import certain, nearest
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions
from moothall.source import Span

RULE = "unknown-module"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every module that is not there; a council is not blamed for what a service offers."""
    modules = known.modules(definitions)
    for name, span, beside in _references(definitions):
        if name not in modules:
            detail = nearest(name, modules, f"Or add modules/{name}/module.yaml.")
            fix = reworded(span, name, certain(name, modules.difference(beside)))
            yield error(RULE, f'there is no module "{name}" in the catalogue', detail, span, fix=fix)


def _references(definitions: Definitions) -> Iterator[tuple[str, Span, Collection[str]]]:
    for folder in definitions.folders:
        for service in known.services(folder.partnership).values():
            for number, name in enumerate(service.offers):
                yield name, service.origin.value("offers", number), service.offers
    for mention in not_offered(definitions):
        yield mention.module, mention.span, mention.beside
    for module in definitions.modules.values():
        for number, name in enumerate(module.needs):
            yield name, module.origin.value("spec", "needs", number), (*module.needs, module.metadata.name)
