"""module-not-offered: a council uses, or is offered, a module that the instance does not offer."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.check import known
from moothall.check.finding import error
from moothall.check.mentions import mentions
from moothall.check.nearest import nearest
from moothall.diagnostics import Diagnostic, Label
from moothall.model.written import Definitions

RULE = "module-not-offered"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every module of the catalogue that is named for an instance which does not offer it."""
    modules = known.modules(definitions)
    for mention in mentions(definitions):
        instance = mention.instance
        if mention.module in modules and mention.module not in instance.offers:
            summary = f'instance "{instance.name}" does not offer "{mention.module}"'
            detail = (
                f"Add it to what the instance offers, or remove it here. {nearest(mention.module, instance.offers)}"
            )
            related = Label(instance.origin.key("offers"), "what it offers")
            yield error(RULE, summary, detail.strip(), mention.span, related)
