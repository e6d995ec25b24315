"""Where modules are named for a service that does not offer them: in use, on every level, or kept for a council."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from moothall.language.facts import symbols
from moothall.language.facts.symbols import Service
from moothall.model.written import Council, Definitions, ModuleUse
from moothall.source import Span


class Mention(NamedTuple):
    """A named module, with the service it is named for and the names that stand beside it."""

    module: str
    service: Service
    span: Span
    siblings: Collection[str]


def unoffered_mentions(definitions: Definitions) -> Iterator[Mention]:
    """Yield every mention of a module for a known instance or external service that does not offer it."""
    for folder in definitions.folders:
        for instance in folder.partnership.instances.values():
            if instance.tenants:
                yield from _of_uses(instance, instance.tenants.modules)
        services = symbols.services(folder.partnership)
        for council in folder.councils:
            yield from _of_council(council, services)


def _of_council(council: Council, services: Mapping[str, Service]) -> Iterator[Mention]:
    for use in council.uses.values():
        if use.instance in services:
            yield from _of_uses(services[use.instance], use.modules)
    for name, modules in council.offered.items():
        for number, module in enumerate(modules if name in services else ()):
            if module not in services[name].offers:
                span = council.origin.value("spec", "offered", name, number)
                yield Mention(module, services[name], span, modules)


def _of_uses(service: Service, uses: Mapping[str, ModuleUse]) -> Iterator[Mention]:
    for name, module in uses.items():
        if name not in service.offers:
            yield Mention(name, service, module.origin.key(), uses)
