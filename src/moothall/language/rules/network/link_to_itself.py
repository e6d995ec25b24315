"""link-to-itself: both ends of a link are the same site."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.model.written import Definitions

RULE = "link-to-itself"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every such link."""
    for folder in definitions.folders:
        for link in folder.partnership.links:
            one, other = link.between
            if one == other:
                summary = f"this link leads from {one} to itself"
                yield error(RULE, summary, "Name the site at the other end.", link.origin.value("between"))
