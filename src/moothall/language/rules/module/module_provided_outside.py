"""module-provided-outside: an instance offers a module that no product here provides."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import DECLARED, error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Definitions

RULE = "module-provided-outside"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every such module that an instance offers."""
    external_modules = {name: module for name, module in definitions.modules.items() if not module.tryton_modules}
    for _, instance in symbols.all_instances(definitions):
        for number, name in enumerate(instance.offers):
            if name in external_modules and external_modules[name].provided:
                summary = f'no product here provides "{name}"'
                detail = "Offer it by an external service, or say in its file which Tryton modules provide it."
                related = Label(external_modules[name].origin.key("spec", "provided"), DECLARED)
                yield error(RULE, summary, detail, instance.origin.value("offers", number), related)
