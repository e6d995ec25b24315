"""network-not-contained: a network at a site lies outside the site's address space."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.blocks import block
from moothall.language.facts.networks import leaves
from moothall.model.written import Definitions

RULE = "network-not-contained"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every leaf that is not inside its site's address space."""
    for leaf in leaves(definitions):
        if leaf.site and not block(leaf.site.network).contains(leaf.block):
            summary = f"{leaf.what} lies outside {leaf.site.name}"
            detail = f"{leaf.text} is not in {leaf.site.network}: choose a free network in there."
            related = Label(leaf.site.origin.value("network"), f"the address space of {leaf.site.name}")
            yield error(RULE, summary, detail, leaf.span, related)
