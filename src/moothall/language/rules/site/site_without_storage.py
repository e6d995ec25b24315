"""site-without-storage: a copy of an instance that states its storage is kept at a site that states none."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import warning
from moothall.language.checks.scope import Scope
from moothall.language.facts.storage_usage import storage_usages
from moothall.model.written import Definitions

RULE = "site-without-storage"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every site that keeps a mirror or backups and cannot be checked for room."""
    for folder in definitions.folders:
        reported_sites: set[str] = set()
        for part in storage_usages(folder, definitions.as_of):
            site = folder.partnership.sites.get(part.site)
            if site and site.storage is None and part.site not in reported_sites and part.is_copy:
                reported_sites.add(part.site)
                summary = f"{site.name} keeps {part.what} and does not say what storage it has"
                detail = f"Add storage to {site.name}: without it nobody knows whether there is room."
                yield warning(RULE, summary, detail, site.origin.key(), Label(part.span, "kept here"))
