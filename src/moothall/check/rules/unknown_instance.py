"""unknown-instance: a council uses, or is offered modules of, an instance that the partnership does not have."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.check import known
from moothall.check.finding import error
from moothall.check.nearest import nearest
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions

RULE = "unknown-instance"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every reference to an instance that is not there."""
    for folder, council in known.all_councils(definitions):
        instances = folder.partnership.instances
        for part, names in (("uses", council.uses), ("offered", council.offered)):
            for name in names:
                if name not in instances:
                    detail = nearest(name, instances, "Or add it to the instances of the partnership.")
                    span = council.origin.key("spec", part, name)
                    yield error(RULE, f'there is no instance "{name}" in this partnership', detail, span)
