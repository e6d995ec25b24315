"""backup-without-network: a backup target at a site where the instance has no network yet."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Definitions

RULE = "backup-without-network"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every backup target of an instance without a mirror that has no network of its own."""
    for _, instance in symbols.all_instances(definitions):
        backup = instance.backup
        # With a mirror, backups belong where it stands; that is another rule's.
        if backup is None or backup.network or instance.mirror:
            continue
        if backup.site != instance.site:
            summary = f'the backups of "{instance.name}" have no network at {backup.site}'
            detail = "Nothing else of the instance stands there: add the key network."
            yield error(RULE, summary, detail, backup.origin.key())
