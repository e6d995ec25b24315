"""backup-at-own-site: backups beside what they are backups of."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Definitions

RULE = "backup-at-own-site"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every backup target at the site of its instance."""
    for _, instance in symbols.all_instances(definitions):
        if instance.backup and instance.backup.site == instance.site:
            summary = f'the backups of "{instance.name}" are kept at the same site as the instance'
            detail = "What takes the site takes both: choose another party's site for the backups."
            related = Label(instance.origin.value("site"), "the instance's site")
            yield error(RULE, summary, detail, instance.backup.origin.value("site"), related)
