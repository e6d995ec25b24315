"""cut-over-before-data: a use begins before the data of the system that it replaces arrives."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Definitions

RULE = "cut-over-before-data"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every use that begins before its data is there."""
    for _, council in symbols.all_councils(definitions):
        for use in council.uses.values():
            arrival = use.replaces.data if use.replaces and not use.planned else None
            beginning = use.start or council.joined
            if use.replaces and arrival and beginning < arrival:
                summary = f"{use.instance} is used before the data of {use.replaces.system} arrives"
                detail = f"The use begins on {beginning}: let it begin on {arrival} or after."
                span = use.origin.value("from") if use.start else use.origin.key()
                label = Label(use.origin.value("replaces", "data"), "arrives here")
                yield error(RULE, summary, detail, span, label)
