"""backup-away-from-mirror: a mirrored instance whose backups are kept at a third site."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Definitions

RULE = "backup-away-from-mirror"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every backup target that is neither at the mirror's site nor at the instance's own."""
    for folder, instance in symbols.all_instances(definitions):
        backup, mirror = instance.backup, instance.mirror
        if backup is None or mirror is None or mirror.site == instance.site:
            continue
        sites_exist = {backup.site, mirror.site} <= folder.partnership.sites.keys()
        if sites_exist and backup.site not in (mirror.site, instance.site):
            summary = f'the backups of "{instance.name}" are at {backup.site}, away from its mirror'
            detail = f"Three sites for one instance are not supported yet: keep the backups at {mirror.site}."
            related = Label(mirror.origin.value("site"), "the mirror")
            yield error(RULE, summary, detail, backup.origin.value("site"), related)
