"""no-route: two sites that must reach each other have no way over links and transit sites."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.routes import Ways
from moothall.model.written import Council, Definitions, Instance, Partnership
from moothall.source import Span

RULE = "no-route"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every council that cannot reach an instance or its mirror, and every instance that
    cannot reach its mirror, its backup target or the place of the logs."""
    for folder in definitions.folders:
        partnership = folder.partnership
        if any(end not in partnership.sites for link in partnership.links for end in link.between):
            continue  # unknown-site has said so, and the right name may be all that is missing
        ways = Ways(partnership)
        for instance in partnership.instances.values():
            # Backups of a mirrored instance go the mirror's way: said once is enough.
            what, part = ("mirror", instance.mirror) if instance.mirror else ("backup target", instance.backup)
            if part and _is_cut_off(partnership, ways, instance.site, part.site):
                what = f"the {what} of {instance.name}"
                yield _finding(partnership, what, instance.site, part.site, part.origin.value("site"))
            yield from _to_logs(partnership, ways, instance)
        for council in folder.councils:
            yield from _of_council(partnership, ways, council)


def _to_logs(partnership: Partnership, ways: Ways, instance: Instance) -> Iterator[Diagnostic]:
    """Yield a finding for each server of an instance whose lines do not come to where the trail is gathered."""
    logs = partnership.logs
    for part in (instance, instance.mirror) if logs else ():
        if logs and part and _is_cut_off(partnership, ways, part.site, logs.site):
            what = f"where the lines of {instance.name} are gathered"
            yield _finding(partnership, what, part.site, logs.site, logs.origin.value("site"))


def _of_council(partnership: Partnership, ways: Ways, council: Council) -> Iterator[Diagnostic]:
    for use in council.uses.values():
        instance = partnership.instances.get(use.instance)
        if instance is None:
            continue
        if _is_cut_off(partnership, ways, council.site, instance.site):
            what = f"where {instance.name} runs"
            yield _finding(partnership, what, council.site, instance.site, use.origin.key())
        if instance.mirror and _is_cut_off(partnership, ways, council.site, instance.mirror.site):
            what = f"the mirror of {instance.name}"
            yield _finding(partnership, what, council.site, instance.mirror.site, use.origin.key())


def _is_cut_off(partnership: Partnership, ways: Ways, start: str, end: str) -> bool:
    """Say whether two sites have no way between them; False if one of them is unknown."""
    return start in partnership.sites and end in partnership.sites and not ways.lead(start, end)


def _finding(partnership: Partnership, what: str, start: str, end: str, span: Span) -> Diagnostic:
    detail = f"Link {start} and {end}, or let the sites between them be transit sites."
    related = [Label(partnership.sites[site].origin.key(), f"site {site}") for site in (start, end)]
    return error(RULE, f"there is no way from {start} to {end}, {what}", detail, span, *related)
