"""logs-at-own-site: the trail of an instance is gathered where whoever holds its site holds the trail as well.

A site without `failure-domain` is one by itself, under its own name.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import warning
from moothall.language.checks.scope import Scope
from moothall.model.written import Definitions, Site

RULE = "logs-at-own-site"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every instance whose own site is in the failure domain of the logs."""
    for folder in definitions.folders:
        logs, sites = folder.partnership.logs, folder.partnership.sites
        if logs is None or logs.site not in sites:
            continue
        for instance in folder.partnership.instances.values():
            if instance.site in sites and _domain(sites[instance.site]) == _domain(sites[logs.site]):
                summary = f'the trail of "{instance.name}" is gathered where the instance is'
                detail = "What takes the site, or whoever breaks in there, takes both: choose another party's site."
                related = Label(instance.origin.value("site"), "the instance's site")
                yield warning(RULE, summary, detail, logs.origin.value("site"), related)


def _domain(site: Site) -> str:
    return site.failure_domain or site.name
