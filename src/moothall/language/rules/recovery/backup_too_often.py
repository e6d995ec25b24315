"""backup-too-often: backups are taken so often that one may not be finished before the next begins."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import warning
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.units import seconds
from moothall.model.written import Definitions

RULE = "backup-too-often"
SCOPE = Scope.PARTNERSHIP
_LEAST_SECONDS = 300
"""A full backup of a small database takes a minute or two; what has changed in between is kept all the time anyway."""


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every backup target with less than five minutes between backups."""
    for _, instance in symbols.all_instances(definitions):
        backup = instance.backup
        if backup and seconds(backup.every) < _LEAST_SECONDS:
            summary = f"backups of {instance.name} are taken every {backup.every}"
            detail = "Take one every 5m or less often: one may not be finished when the next begins."
            yield warning(RULE, summary, detail, backup.origin.value("every"))
