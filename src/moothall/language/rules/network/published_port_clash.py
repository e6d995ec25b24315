"""published-port-clash: two instances of a partnership want the same port at a council's loopback address."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Definitions, Instance

RULE = "published-port-clash"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every instance whose published port another of its partnership has already."""
    first: dict[tuple[int, int], Instance] = {}
    for folder, instance in symbols.all_instances(definitions):
        if instance.published_port is None:
            continue
        other = first.setdefault((id(folder), instance.published_port), instance)
        if other is not instance:
            summary = f"port {instance.published_port} already leads to {other.name}"
            detail = "At a council's loopback address the port tells instances apart: choose another one."
            related = Label(other.origin.value("published-port"), f"the port of {other.name}")
            yield error(RULE, summary, detail, instance.origin.value("published-port"), related)
