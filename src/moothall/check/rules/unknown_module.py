"""unknown-module: an instance offers, or a council names, a module that is not in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.check import known
from moothall.check.finding import error
from moothall.check.mentions import mentions
from moothall.check.nearest import nearest
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions
from moothall.source import Span

RULE = "unknown-module"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every module that is not there; a council is not blamed for what an instance offers."""
    modules = known.modules(definitions)
    for name, span in _references(definitions):
        if name not in modules:
            detail = nearest(name, modules, f"Or add modules/{name}/module.yaml.")
            yield error(RULE, f'there is no module "{name}" in the catalogue', detail, span)


def _references(definitions: Definitions) -> Iterator[tuple[str, Span]]:
    for _, instance in known.all_instances(definitions):
        for number, module in enumerate(instance.offers):
            yield module, instance.origin.value("offers", number)
    for mention in mentions(definitions):
        if mention.module not in mention.instance.offers:
            yield mention.module, mention.span
