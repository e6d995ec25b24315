"""same-failure-domain: a mirror or backup target that is lost together with its instance, at a site of its own.

A site without `failure-domain` is one by itself, under its own name.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Definitions, Site

RULE = "same-failure-domain"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every mirror and backup target in its instance's failure domain, but at another site."""
    for folder, instance in symbols.all_instances(definitions):
        sites = folder.partnership.sites
        for what, part in (("the mirror", instance.mirror), ("the backup target", instance.backup)):
            if part is None or part.site == instance.site or not {part.site, instance.site} <= sites.keys():
                continue
            domain = _domain(sites[instance.site])
            if _domain(sites[part.site]) == domain:
                summary = f'{what} of "{instance.name}" is in the failure domain of the instance, "{domain}"'
                detail = "What takes one site takes the other: choose a site in another failure domain."
                ends = [Label(sites[site].origin.key(), f"site {site}") for site in (instance.site, part.site)]
                yield error(RULE, summary, detail, part.origin.value("site"), *ends)


def _domain(site: Site) -> str:
    return site.failure_domain or site.name
