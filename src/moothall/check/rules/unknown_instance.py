"""unknown-instance: a name that should be that of an instance, or of an external service where one will do."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from moothall.check import known
from moothall.check.finding import error
from moothall.check.fixes import reworded
from moothall.check.nearest import certain, nearest
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions, Partnership
from moothall.source import Span

RULE = "unknown-instance"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every reference to an instance that is not there."""
    for folder in definitions.folders:
        partnership = folder.partnership
        for name, span, beside in _of_partnership(partnership):
            if name not in partnership.instances:
                yield _finding(name, span, partnership, partnership.instances.keys(), beside)
        services = known.services(partnership).keys()
        for council in folder.councils:
            for part, names in (("uses", council.uses), ("offered", council.offered)):
                for name in names:
                    if name not in services:
                        span = council.origin.key("spec", part, name)
                        yield _finding(name, span, partnership, services, names)


def _of_partnership(partnership: Partnership) -> Iterator[tuple[str, Span, Collection[str]]]:
    for cost in partnership.shares.values():
        yield cost.instance, cost.origin.key(), partnership.shares
    if partnership.policy:
        names = partnership.policy.data_loss
        for number, name in enumerate(names):
            yield name, partnership.policy.origin.value("data-loss", number), names


def _finding(
    name: str, span: Span, partnership: Partnership, names: Collection[str], beside: Collection[str]
) -> Diagnostic:
    """Return the finding; a name that stands beside is taken already and was not meant."""
    summary = f'there is no instance "{name}" in this partnership'
    if name in partnership.external:
        return error(RULE, summary, "It is an external service, and only an instance can stand here: remove it.", span)
    detail = nearest(name, names, "Or add it to the instances of the partnership.")
    fix = reworded(span, name, certain(name, set(names).difference(beside)))
    return error(RULE, summary, detail, span, fix=fix)
