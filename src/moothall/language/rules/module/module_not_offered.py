"""module-not-offered: a module in use, or kept for a council, that its instance or external service does not offer."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.nearest import nearest
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.language.facts.module_refs import unoffered_mentions
from moothall.model.written import Definitions, Instance

RULE = "module-not-offered"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every module of the catalogue that is named for a service which does not offer it."""
    modules = symbols.modules(definitions)
    for mention in unoffered_mentions(definitions):
        service = mention.service
        if mention.module in modules:
            what = "instance" if isinstance(service, Instance) else "external service"
            summary = f'{what} "{service.name}" does not offer "{mention.module}"'
            near = nearest(mention.module, service.offers)
            detail = f"Add it to what the {what} offers, or remove it here. {near}"
            related = Label(service.origin.key("offers"), "what it offers")
            yield error(RULE, summary, detail.strip(), mention.span, related)
