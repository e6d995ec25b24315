"""backup-network-unused: a backup target with a network of its own where the mirror's serves both."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Definitions

RULE = "backup-network-unused"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every backup network at the mirror's site."""
    for _, instance in symbols.all_instances(definitions):
        backup, mirror = instance.backup, instance.mirror
        if backup and backup.network and mirror and mirror.site == backup.site:
            detail = "The mirror's network serves both: remove this one."
            related = Label(mirror.origin.value("network"), "the mirror's network")
            yield error(RULE, "this network would not be used", detail, backup.origin.key("network"), related)
