"""storage-exceeded: what stands at a site and is kept there for others takes more disk space than the site has.

An instance takes its storage once, so does its mirror, and backups take it once for each full backup kept and one more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.storage_usage import StorageUsage, storage_usages
from moothall.model.units import mebibytes, size
from moothall.model.written import Definitions, Site

RULE = "storage-exceeded"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every site that states its storage and has less than is to be kept there."""
    for folder in definitions.folders:
        sites = folder.partnership.sites
        parts: dict[str, list[StorageUsage]] = {name: [] for name in sites}
        for part in storage_usages(folder, definitions.as_of):
            if part.site in parts:
                parts[part.site].append(part)
        for name, site in sites.items():
            yield from _check(site, parts[name])


def _check(site: Site, parts: Sequence[StorageUsage]) -> Iterator[Diagnostic]:
    needed_storage = sum(part.mebibytes for part in parts)
    if site.storage and needed_storage > mebibytes(site.storage):
        summary = f"{site.name} has {site.storage} of storage, and {size(needed_storage)} is to be kept there"
        detail = "Give the site more, keep fewer backups, or keep some at another site."
        related = [Label(part.span, f"{part.what}: {size(part.mebibytes)}") for part in parts]
        yield error(RULE, summary, detail, site.origin.value("storage"), *related)
