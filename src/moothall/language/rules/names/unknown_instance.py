"""unknown-instance: a name that should be that of an instance, or of an external service where one will do."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Hint
from moothall.language.checks.finding import error, unknown
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.language.facts.symbols import Reference
from moothall.model.written import Definitions, Folder, Partnership
from moothall.source import Span

RULE = "unknown-instance"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every reference to an instance that is not there."""
    for folder in definitions.folders:
        partnership = folder.partnership
        instances = frozenset(partnership.instances)
        for name, span, _ in partnership_references(partnership):
            if name not in instances:
                yield _finding(name, span, partnership, instances)
        services = frozenset(symbols.services(partnership))
        for name, span, _ in council_references(folder):
            if name not in services:
                yield _finding(name, span, partnership, services)


def partnership_references(partnership: Partnership) -> Iterator[Reference]:
    """Yield every name that an instance must have; a name that stands beside is taken already and was not meant."""
    for cost in partnership.shares.values():
        yield Reference(cost.instance, cost.origin.key(), {*partnership.shares, *partnership.external})
    if partnership.policy:
        names = partnership.policy.data_loss
        for number, name in enumerate(names):
            span = partnership.policy.origin.value("data-loss", number)
            yield Reference(name, span, {*names, *partnership.external})


def council_references(folder: Folder) -> Iterator[Reference]:
    """Yield every name that an instance or an external service must have."""
    for council in folder.councils:
        for part, names in (("uses", council.uses), ("offered", council.offered)):
            for name in names:
                yield Reference(name, council.origin.key("spec", part, name), names)


def _finding(name: str, span: Span, partnership: Partnership, names: frozenset[str]) -> Diagnostic:
    summary = f'there is no instance "{name}" in this partnership'
    if name in partnership.external:
        return error(RULE, summary, "It is an external service, and only an instance can stand here: remove it.", span)
    hint = Hint(name, names, otherwise="Or add it to the instances of the partnership.")
    return unknown(RULE, summary, hint, span)
