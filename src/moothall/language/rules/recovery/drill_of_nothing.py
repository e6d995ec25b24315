"""drill-of-nothing: a failover is to be drilled where there is no mirror, or a restore where there are no backups."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Definitions

RULE = "drill-of-nothing"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every drill that can never be done."""
    for _, instance in symbols.all_instances(definitions):
        requirements = {"failover": ("mirror", instance.mirror), "restore": ("backup", instance.backup)}
        for kind, _ in instance.drills.intervals() if instance.drills else ():
            key, part = requirements[kind]
            if part is None and instance.drills:
                summary = f"{instance.name} has no {key}, so its {kind} cannot be drilled"
                detail = f"Give the instance a `{key}`, or remove this drill."
                yield error(RULE, summary, detail, instance.drills.origin.key(kind))
