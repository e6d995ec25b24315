"""agreement-over: the agreement has ended, and councils still use what was shared under it."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import warning
from moothall.language.checks.scope import Scope
from moothall.language.facts.tenancies import is_over, services, tenants
from moothall.model.written import Definitions

RULE = "agreement-over"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every partnership that is over while its councils still have tenancies."""
    day = definitions.as_of
    for folder in definitions.folders:
        ends = folder.partnership.ends
        if ends is None or day < ends:
            continue
        users = tenants(folder, services(folder.partnership))
        active_tenants = [tenant for tenant in users if tenant.begins <= day and not is_over(tenant, day)]
        if active_tenants:
            number = len({tenant.council.metadata.name for tenant in active_tenants})
            who = "1 council still uses" if number == 1 else f"{number} councils still use"
            summary = f"the agreement ended on {ends}, and {who} what it shares"
            detail = "Let the uses end with it, or write the new end if it has been prolonged."
            related = Label(active_tenants[0].use.origin.key(), "used from here")
            yield warning(RULE, summary, detail, folder.partnership.origin.value("spec", "ends"), related)
