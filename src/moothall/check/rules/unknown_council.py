"""unknown-council: an owner, operator, host or party that has no file below `councils/`."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.check import known
from moothall.check.finding import error
from moothall.check.nearest import nearest
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions, Partnership
from moothall.source import Origin

RULE = "unknown-council"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every reference to a council that is not there."""
    for folder in definitions.folders:
        names = known.councils(folder)
        for name, origin, step in _references(folder.partnership):
            if name not in names:
                detail = nearest(name, names, f"Or add councils/{name}.yaml.")
                yield error(RULE, f'there is no council "{name}" in this partnership', detail, origin.value(step))


def _references(partnership: Partnership) -> Iterator[tuple[str, Origin, str | int]]:
    parties = Origin(partnership.origin.document, ("spec", "parties"))
    for number, party in enumerate(partnership.parties):
        yield party, parties, number
    for site in partnership.sites.values():
        yield site.owner, site.origin, "owner"
        if site.run_by:
            yield site.run_by, site.origin, "run-by"
    for instance in partnership.instances.values():
        yield instance.host, instance.origin, "host"
